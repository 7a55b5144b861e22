import { setFlagsFromString } from "node:v8";

/**
 * Makes V8 prefer little memory to little work, for the rest of the process.
 *
 * A run lives on a few megabytes and leaves behind, as garbage, many times what it reads. By default V8 lets the young
 * generation grow to 48 MiB and the old one to four times what is alive, and compiles what is hot once more, for which 10
 * MiB of compiler are read: together up to 150 MiB for large files. To do without takes a third more processor time
 * there, which is little beside the server's, and nothing that can be measured where files are small.
 *
 * To be called when there is work: what Node loads of itself after it comes without its cached code, which takes 5 MiB at
 * the start of a process.
 */
export function keepHeapSmall(): void {
  for (const flag of ["--semi-space-growth-factor=1", "--optimize-for-size", "--no-turbofan"]) setFlagsFromString(flag);
}
