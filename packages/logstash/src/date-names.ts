// Names of months, days and halves of days in a language, long and short, with and without the point that some languages put behind a short one.

interface LocaleNames {
  /** By month from January: the forms it may have. */
  readonly months: readonly (readonly string[])[]
  /** From Monday. */
  readonly days: readonly (readonly string[])[]
  /** Before and after noon. */
  readonly halves: readonly (readonly string[])[]
}

/** Languages that were asked for; a file has a few. */
const known = new Map<string, LocaleNames>()

/** Whether the runtime knows the language: `en`, `de-DE`, `pt_BR`. */
export function isLocale(name: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf([tagOf(name)]).length > 0
  } catch {
    // a text that is no tag at all
    return false
  }
}

const tagOf = (name: string): string => name.replaceAll('_', '-')

export function localeNames(name: string): LocaleNames {
  const former = known.get(name)
  if (former !== undefined) return former
  const tags = [tagOf(name), 'en']
  const forms = (atMs: number, part: 'month' | 'weekday'): string[] => {
    const all = tags.flatMap((tag) =>
      (['long', 'short'] as const).flatMap((width) => partForms(tag, atMs, part, width)),
    )
    return [...new Set(all.flatMap((text) => [text, text.replace(/\.$/, '')]))]
  }
  const made = {
    months: Array.from({ length: 12 }, (_, month) => forms(Date.UTC(2024, month, 15), 'month')),
    // the first of January 2024 was a Monday
    days: Array.from({ length: 7 }, (_, day) => forms(Date.UTC(2024, 0, 1 + day), 'weekday')),
    halves: [['AM'], ['PM']],
  }
  known.set(name, made)
  return made
}

/** Alone and within a date: languages with cases write a month otherwise there. */
function partForms(tag: string, atMs: number, part: 'month' | 'weekday', width: 'long' | 'short'): string[] {
  const zone = { timeZone: 'UTC' } as const
  const alone = new Intl.DateTimeFormat(tag, { ...zone, [part]: width }).format(atMs)
  const within = new Intl.DateTimeFormat(tag, { ...zone, [part]: width, day: 'numeric' })
    .formatToParts(atMs)
    .find(({ type }) => type === part)?.value
  return within === undefined ? [alone] : [alone, within]
}
