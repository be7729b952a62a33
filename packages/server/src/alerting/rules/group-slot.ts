import { createHash } from 'node:crypto'

/** Groups are spread over their interval by name, so that they do not all begin at once: the last time at or before `nowMs` at which this one evaluates. */
export function slotAtOrBefore(
  { file, name }: { readonly file: string; readonly name: string },
  intervalMs: number,
  nowMs: number,
): number {
  const offsetMs = createHash('sha256').update(`${file};${name}`).digest().readUInt32BE(0) % intervalMs
  return Math.floor((nowMs - offsetMs) / intervalMs) * intervalMs + offsetMs
}
