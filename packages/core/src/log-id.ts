/** Names one stored line: its place in the order of time and arrival. */
export interface LogPlace {
  readonly timeNs: bigint
  readonly seq: bigint
}

/** What answers give out as the id of a line: time and number of arrival. */
export const printLogId = ({ timeNs, seq }: LogPlace): string => `${timeNs}-${seq}`

/** Undefined for a text that is no such id. */
export function parseLogId(text: string): LogPlace | undefined {
  const match = /^(\d{1,19})-(\d{1,20})$/.exec(text)
  if (match === null) return undefined
  const place = { timeNs: BigInt(match[1] as string), seq: BigInt(match[2] as string) }
  return place.timeNs < 2n ** 63n && place.seq < 2n ** 64n ? place : undefined
}
