#include "clients/cli/command.h"

#include <string.h>

/* The scripts by which shells ask at each Tab (complete.h). They know no command and no
 * option: a new one needs no new script. */

static const char bash_script[] =
	"# bash completion of tenon: the program itself says what may follow.\n"
	"_tenon() {\n"
	"	mapfile -t COMPREPLY < <(\"${1/#\\~\\//$HOME/}\" __complete bash \\\n"
	"		\"${COMP_LINE:0:COMP_POINT}\" \"$COMP_WORDBREAKS\" 2>/dev/null)\n"
	"	case ${COMPREPLY[0]} in\n"
	"	:files) COMPREPLY=(); compopt -o default -o bashdefault ;;\n"
	"	*[./=]) compopt -o nospace ;;\n"
	"	esac\n"
	"}\n"
	"complete -F _tenon tenon\n";

static const char zsh_script[] =
	"#compdef tenon\n"
	"# zsh completion of tenon: the program itself says what may follow.\n"
	"_tenon() {\n"
	"	local -a answer whole begun\n"
	"	local line name\n"
	"	answer=(\"${(@f)$(${~words[1]} __complete words \\\n"
	"		\"${(@Q)words[2,CURRENT-1]}\" \"${(Q)PREFIX}\" 2>/dev/null)}\")\n"
	"	if [[ $answer[1] == :files ]]; then\n"
	"		[[ $PREFIX == -*=* ]] && compset -P '*='\n"
	"		_files\n"
	"		return\n"
	"	fi\n"
	"	for line in $answer; do\n"
	"		name=${${line%%$'\\t'*}//:/\\\\:}\n"
	"		[[ $line == *$'\\t'* ]] && line=$name:${line#*$'\\t'} || line=$name\n"
	"		[[ $name == *[./=] ]] && begun+=($line) || whole+=($line)\n"
	"	done\n"
	"	(( $#whole )) && _describe tenon whole\n"
	"	(( $#begun )) && _describe tenon begun -S ''\n"
	"}\n"
	"if [[ $funcstack[1] == _tenon ]]; then\n"
	"	_tenon \"$@\"\n"
	"else\n"
	"	compdef _tenon tenon\n"
	"fi\n";

static const char fish_script[] =
	"# fish completion of tenon: the program itself says what may follow.\n"
	"function __tenon_complete\n"
	"	set -l words (commandline -opc) (commandline -ct)\n"
	"	set -l answer ($words[1] __complete words $words[2..-1] 2>/dev/null)\n"
	"	if test \"$answer[1]\" = :files\n"
	"		__fish_complete_path (commandline -ct)\n"
	"	else\n"
	"		printf '%s\\n' $answer\n"
	"	end\n"
	"end\n"
	"complete -c tenon -f -a '(__tenon_complete)'\n";

static enum status run_completion(struct cli *cli, const struct options *options, struct error *err)
{
	static const struct {
		const char *shell;
		const char *script;
	} scripts[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};
	const char *shell = options->arguments[0];
	if (cli->json)
		return cli_usage(cli, err, "a script is no JSON: leave out --json");
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		if (strcmp(scripts[i].shell, shell) == 0) {
			buffer_add_string(&cli->screen.out, scripts[i].script);
			return STATUS_OK;
		}
	}
	return cli_usage(cli, err, "there is a script for bash, zsh and fish, not for '%s'", shell);
}

static const struct command rows[] = {
	{"completion", "bash|zsh|fish", "A script by which a shell completes commands and names",
		"Commands, options, and with a daemon that answers the names that exist: "
		"databases,\n"
		"tables, jobs, connections, and more. For good:\n"
		"\n"
		"  echo 'source <(tenon completion bash)' >> ~/.bashrc\n"
		"  echo 'source <(tenon completion zsh)' >> ~/.zshrc    # below compinit\n"
		"  tenon completion fish > ~/.config/fish/completions/tenon.fish\n",
		no_flags, 1, 1, NULL, run_completion},
};

const struct commands completion_commands = COMMANDS(rows);
