// Where a message leads on the page: to the one alert it is about, or to those of its group; and to a silence of them, ready to be made.
import { createMatcher, formatMatcher, formatMatchers } from '@tidewatch/alertmanager/matcher.ts'
import type { NotificationLinks } from '../../notify/port.ts'

interface LinkSubject {
  readonly externalUrl: string
  readonly receiver: string
  readonly groupLabels: Texts
  readonly commonLabels: Texts
  readonly alerts: readonly { readonly fingerprint: string }[]
}

type Texts = Readonly<Record<string, string>>

/** Characters; channels cut longer ones, and half a link leads nowhere. */
const maxUrlLength = 1500

export function pageLinks(subject: LinkSubject): Pick<NotificationLinks, 'alert' | 'silence'> {
  const { externalUrl, receiver, groupLabels, commonLabels, alerts } = subject
  const page = `${externalUrl}/alerts`
  const [only, ...others] = alerts
  const filters = matchersOf(groupLabels).map((matcher): [string, string] => ['filter', formatMatcher(matcher)])
  const silenceOf = (labels: Texts): string =>
    addressOf(page, [
      ['tab', 'silences'],
      ['silence', formatMatchers(matchersOf(labels))],
    ])
  return {
    alert:
      only !== undefined && others.length === 0
        ? `${page}/${only.fingerprint}`
        : shortEnough([addressOf(page, [['receiver', receiver], ...filters]), page]),
    silence: shortEnough([silenceOf(commonLabels), silenceOf(groupLabels), page]),
  }
}

const matchersOf = (labels: Texts) => Object.entries(labels).map(([name, value]) => createMatcher(name, '=', value))

const addressOf = (page: string, parameters: [string, string][]): string =>
  `${page}?${new URLSearchParams(parameters).toString()}`

/** The first that is not too long, or else the last. */
const shortEnough = (urls: readonly string[]): string =>
  urls.find((url) => url.length <= maxUrlLength) ?? urls.at(-1) ?? ''
