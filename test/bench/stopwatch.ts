/** A log whose lines begin with the minutes and seconds since `startedAt`, a moment of `performance.now()`. */
export function stopwatch(startedAt: number): (line: string) => void {
  return (line) => console.error(`${clock(performance.now() - startedAt)} ${line}`);
}

function clock(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, "0")}`;
}
