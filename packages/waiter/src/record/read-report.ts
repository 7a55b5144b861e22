import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { reportFileName } from "@migration-gate/run-report/report-files";

/** More than any report has; what is longer was not written by the migrator. */
const maxBytes = 64 * 1024;

export type ReportText =
  | { readonly kind: "absent" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "refused"; readonly problem: string };

/**
 * Reads the report's text, and no other file's: the directory is shared with a container that runs other people's SQL, so
 * links are not followed, pipes are not waited for, and no more than a bounded part is read.
 */
export async function readReportText(directory: string): Promise<ReportText> {
  let file: FileHandle;
  try {
    file = await open(
      join(directory, reportFileName),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? { kind: "absent" } : { kind: "refused", problem: `cannot be opened (${code})` };
  }
  try {
    if (!(await file.stat()).isFile()) return { kind: "refused", problem: "is not a file" };
    const buffer = Buffer.alloc(maxBytes + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    if (bytesRead > maxBytes) return { kind: "refused", problem: `is larger than ${maxBytes} bytes` };
    return { kind: "text", text: buffer.toString("utf8", 0, bytesRead) };
  } finally {
    await file.close();
  }
}
