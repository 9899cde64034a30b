import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hive.metastore.HiveMetaStoreClient;
import org.apache.hadoop.hive.metastore.IMetaStoreClient;
import org.apache.hadoop.hive.metastore.api.Database;
import org.apache.hadoop.hive.metastore.api.DropPartitionsRequest;
import org.apache.hadoop.hive.metastore.api.FieldSchema;
import org.apache.hadoop.hive.metastore.api.Partition;
import org.apache.hadoop.hive.metastore.api.RequestPartsSpec;
import org.apache.hadoop.hive.metastore.api.SerDeInfo;
import org.apache.hadoop.hive.metastore.api.StorageDescriptor;
import org.apache.hadoop.hive.metastore.api.Table;
import org.apache.hadoop.hive.metastore.api.ThriftHiveMetastore;
import org.apache.hadoop.hive.metastore.conf.MetastoreConf;
import org.apache.thrift.protocol.TBinaryProtocol;

/** The same operations as bench/catalog/catalog.c, through Hive's own client. One JSON line each. */
public class Metastore {
	static final int COLUMNS = 24, PARTITIONS = 1000, PER_DAY = 10, ADDERS = 8;
	static Configuration configuration;

	interface Step {
		void run(int number) throws Exception;
	}

	static IMetaStoreClient open() throws Exception {
		return new HiveMetaStoreClient(configuration);
	}

	static void tell(String name, double[] us) {
		Arrays.sort(us);
		double sum = 0;
		for (double one : us)
			sum += one;
		System.out.printf("{\"op\":\"%s\",\"n\":%d,\"mean_us\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f}%n", name,
				us.length, sum / us.length, us[us.length / 2], us[(int) (us.length * 0.99)]);
		System.out.flush();
	}

	/** `before` and `after` each round are not timed. The first tenth warms up. */
	static void measure(String name, int rounds, Step before, Step step, Step after) throws Exception {
		int warm = Math.max(1, rounds / 10);
		double[] us = new double[rounds];
		for (int i = -warm; i < rounds; i++) {
			int number = i + warm;
			if (before != null)
				before.run(number);
			long began = System.nanoTime();
			step.run(number);
			long ended = System.nanoTime();
			if (i >= 0)
				us[i] = (ended - began) / 1e3;
			if (after != null)
				after.run(number);
		}
		tell(name, us);
	}

	static Table table(String root, String name, boolean partitioned) {
		List<FieldSchema> columns = new ArrayList<>();
		for (int i = 0; i < COLUMNS; i++)
			columns.add(new FieldSchema(String.format("measure_of_thing_%02d", i),
					i % 3 != 0 ? "decimal(18,4)" : "string", "what was measured, in metres a second"));
		SerDeInfo serde = new SerDeInfo(name, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", Map.of());
		StorageDescriptor storage = new StorageDescriptor(columns, root + "/" + name,
				"org.apache.hadoop.mapred.TextInputFormat",
				"org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat", false, 0, serde,
				new ArrayList<>(), new ArrayList<>(), new java.util.HashMap<>());
		List<FieldSchema> keys = new ArrayList<>();
		if (partitioned) {
			keys.add(new FieldSchema("day", "string", ""));
			keys.add(new FieldSchema("hour", "string", ""));
		}
		Table table = new Table(name, "bench", "bench", 0, 0, 0, storage, keys, new java.util.HashMap<>(), null,
				null, "EXTERNAL_TABLE");
		table.getParameters().put("EXTERNAL", "TRUE");
		return table;
	}

	static Partition partition(Table table, int number) {
		String day = String.format("%03d", number / PER_DAY), hour = String.format("%02d", number % PER_DAY);
		Partition partition = new Partition();
		partition.setDbName("bench");
		partition.setTableName(table.getTableName());
		partition.setValues(Arrays.asList(day, hour));
		StorageDescriptor storage = table.getSd().deepCopy();
		storage.setLocation(table.getSd().getLocation() + "/day=" + day + "/hour=" + hour);
		partition.setSd(storage);
		partition.setParameters(new java.util.HashMap<>());
		return partition;
	}

	static List<Partition> partitions(Table table) {
		List<Partition> all = new ArrayList<>();
		for (int i = 0; i < PARTITIONS; i++)
			all.add(partition(table, i));
		return all;
	}

	static void drop(IMetaStoreClient client, String name) throws Exception {
		client.dropTable("bench", name, false, true);
	}

	static void concurrent(String root, int rounds) throws Exception {
		IMetaStoreClient[] clients = new IMetaStoreClient[ADDERS];
		for (int i = 0; i < ADDERS; i++)
			clients[i] = open();
		Table table = table(root, "together", true);
		measure("concurrentPartitionAdd#" + ADDERS, rounds, number -> clients[0].createTable(table), number -> {
			CountDownLatch done = new CountDownLatch(ADDERS);
			List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
			for (int i = 0; i < ADDERS; i++) {
				int mine = i;
				new Thread(() -> {
					try {
						for (int p = mine; p < PARTITIONS; p += ADDERS)
							clients[mine].add_partition(partition(table, p));
					} catch (Throwable failure) {
						failures.add(failure);
					}
					done.countDown();
				}).start();
			}
			done.await();
			if (!failures.isEmpty())
				throw new Exception(failures.get(0));
		}, number -> drop(clients[0], "together"));
	}

	public static void main(String[] arguments) throws Exception {
		String root = arguments[1];
		int tables = Integer.parseInt(arguments[2]);
		configuration = MetastoreConf.newMetastoreConf();
		MetastoreConf.setVar(configuration, MetastoreConf.ConfVars.THRIFT_URIS, arguments[0]);
		IMetaStoreClient client = open();
		client.createDatabase(new Database("bench", "", root, new java.util.HashMap<>()));
		double[] creates = new double[tables];
		for (int i = 0; i < tables; i++) {
			long began = System.nanoTime();
			client.createTable(table(root, String.format("t%07d", i), false));
			creates[i] = (System.nanoTime() - began) / 1e3;
		}
		tell("createTable", creates);
		measure("getTable", 3000, null,
				number -> client.getTable("bench", String.format("t%07d", number * 7919 % tables)), null);
		measure("listTables.1000", 100, null, number -> {
			if (client.getAllTables("bench").size() < Math.min(tables, 1000))
				throw new Exception("tables are missing");
		}, null);
		Table parts = table(root, "parts", true);
		List<Partition> thousand = partitions(parts);
		client.createTable(parts);
		measure("addPartitions.1000", 5, null, number -> client.add_partitions(thousand), number -> {
			drop(client, "parts");
			client.createTable(parts);
		});
		measure("dropPartitions.1000", 5, number -> client.add_partitions(thousand), number -> {
			List<String> days = new ArrayList<>();
			for (int i = 0; i < PARTITIONS; i++)
				days.add(String.format("day=%03d/hour=%02d", i / PER_DAY, i % PER_DAY));
			DropPartitionsRequest request =
					new DropPartitionsRequest("bench", "parts", RequestPartsSpec.names(days));
			request.setDeleteData(false);
			request.setNeedResult(false);
			/* By name: the client's own calls want an expression made by Hive's query engine. */
			new ThriftHiveMetastore.Client(new TBinaryProtocol(((HiveMetaStoreClient) client).getTTransport()))
					.drop_partitions_req(request);
		}, null);
		client.add_partitions(thousand);
		measure("getPartitions.1000", 50, null, number -> {
			if (client.listPartitions("bench", "parts", (short) -1).size() != PARTITIONS)
				throw new Exception("partitions are missing");
		}, null);
		measure("getPartitionsByFilter", 300, null, number -> {
			if (client.listPartitionsByFilter("bench", "parts", String.format("day = \"%03d\"", number % 100),
					(short) -1).size() != PER_DAY)
				throw new Exception("partitions are missing");
		}, null);
		String[] names = {"parts", "parts2"};
		measure("renameTable.1000", 5, null, number -> {
			Table renamed = client.getTable("bench", names[number % 2]);
			renamed.setTableName(names[(number + 1) % 2]);
			client.alter_table("bench", names[number % 2], renamed);
		}, null);
		concurrent(root, 3);
		client.close();
		System.exit(0);
	}
}
