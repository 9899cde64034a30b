/* The FileDescriptorSet of every .proto here, as protoc wrote it: what server
 * reflection answers from. gcc 12 has no #embed. */
	.section .rodata
	.global tenon_descriptors
	.global tenon_descriptors_end
	.balign 16
tenon_descriptors:
	.incbin "proto.fds"
tenon_descriptors_end:
	.byte 0
	.section .note.GNU-stack,"",@progbits
