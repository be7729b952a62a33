// What `keep_days` of a line says: how long it is kept, or until when a restored one is.

const dayMs = 86_400_000
/** The longest time that a class of lines can be kept, some 89 years; greater numbers say other things. */
export const longestKeepDays = 32_767
/** Without an end. */
export const endlessKeepDays = 65_535
/** Numbers from here on, up to the endless one, are days of restored lines: counted from `epochDay`. */
const restoredFrom = 32_768
/** 2024-10-04. */
const epochDay = 20_000

/** What restored lines have that go at this moment, the begin of a UTC day in ms. */
export const restoredKeepDays = (untilMs: number): number => restoredFrom + Math.floor(untilMs / dayMs) - epochDay

/** When lines go that came out of the archive, ms; undefined for lines that came in here. */
export function restoredUntilMs(keepDays: number): number | undefined {
  if (keepDays < restoredFrom || keepDays === endlessKeepDays) return undefined
  return (keepDays - restoredFrom + epochDay) * dayMs
}

/** Of a row: it came in here. */
export const isOwnLine = `(keep_days < ${restoredFrom} OR keep_days = ${endlessKeepDays})`
