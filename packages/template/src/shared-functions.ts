// What both rule templates and notification templates can call, alike in Prometheus and Alertmanager.
import { toLowerSimple, toUpperSimple } from '@tidewatch/core/letter-case.ts'
import { matchesSomewhere } from '@tidewatch/core/regexp-search.ts'
import { regexCost, replaceAll, withRegex } from './text-functions.ts'
import { SafeText, type TemplateFunction, type Value } from './value.ts'

export const ofText = (call: (text: string) => Value): TemplateFunction => ({
  params: ['string'],
  call: (text) => call(String(text)),
})

export const sharedFunctions = {
  toUpper: ofText(toUpperSimple),
  toLower: ofText(toLowerSimple),
  safeHtml: ofText((text) => new SafeText('template.HTML', text)),
  match: {
    params: ['string', 'string'],
    cost: regexCost,
    call: (pattern, text) =>
      withRegex(
        () => matchesSomewhere(String(pattern), String(text)),
        (message) => message,
      ),
  },
  reReplaceAll: {
    params: ['string', 'string', 'string'],
    cost: (pattern, _replacement, text) => regexCost(pattern, text),
    call: (pattern, replacement, text) => replaceAll(String(pattern), String(replacement), String(text)),
  },
} satisfies Readonly<Record<string, TemplateFunction>>
