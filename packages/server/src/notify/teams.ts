// What both ways into Microsoft Teams have in common.
import type { Notification, SendContext } from './port.ts'
import { alertName, cutBytes, stateWord } from './wording.ts'

/** "The maximum message size is 28 KB"; room for what is around the text. */
const mostTextBytes = 24_000
export const mostTitleBytes = 1000

/** Four messages a second. */
export const teamsLimits = () => [{ messages: 4, perMs: 1000 }]

export interface TeamsWords {
  readonly title: string
  readonly text: string
  /** None of it is the team's own template. */
  readonly isOwn: boolean
}

/** Title and text, from the templates where there are some; not longer than Teams takes them. */
export function teamsWords(
  notification: Notification,
  config: { readonly title?: string | undefined; readonly text?: string | undefined },
  parts: { readonly templates: SendContext['templates']; readonly usualText: (notification: Notification) => string },
): TeamsWords {
  const { title, text } = config
  const { templates, usualText } = parts
  return {
    title: cutBytes(
      title === undefined ? `${stateWord(notification)}: ${alertName(notification)}` : templates.text(title),
      mostTitleBytes,
    ),
    text: cutBytes(text === undefined ? usualText(notification) : templates.text(text), mostTextBytes),
    isOwn: title === undefined && text === undefined,
  }
}
