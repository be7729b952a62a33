// `inhibit_rules`, `receivers`, `templates`, `tracing`.
import { type Field, field, list, StructForm } from '@tidewatch/yaml/form.ts'
import { httpHeaders } from '@tidewatch/yaml/http-client.ts'
import { checkedText, text } from '@tidewatch/yaml/scalars.ts'
import { tracingForm } from '@tidewatch/yaml/tracing.ts'
import type { MatcherMode } from '../port.ts'
import { globFault } from './glob.ts'
import { integrations } from './integrations.ts'
import { labelNameForm, matchersForm, matchMap, matchReMap } from './matcher-forms.ts'

/** An entry that is null is one with nothing in it, to Alertmanager: here, in `receivers` and among named time intervals. */
export const inhibitRules = (mode: MatcherMode) =>
  list(
    new StructForm({
      name: field(text),
      source_match: field(matchMap),
      source_match_re: field(matchReMap),
      source_matchers: field(matchersForm(mode)),
      target_match: field(matchMap),
      target_match_re: field(matchReMap),
      target_matchers: field(matchersForm(mode)),
      equal: field(list(labelNameForm(mode), { nullItem: 'there is no name here.' })),
    }),
  )

const integrationFields: Readonly<Record<string, Field<unknown>>> = Object.fromEntries(
  Object.entries(integrations).map(([type, { form }]) => [
    `${type}_configs`,
    field<unknown>(list<unknown>(form as never, { nullItem: `this entry of ${type}_configs is empty.` }) as never),
  ]),
)

const receiver = new StructForm(
  { name: field(text), ...integrationFields },
  {
    check(values, complain) {
      if (values.name === '') complain('name', 'missing; routes name it.')
    },
  },
)

export const receivers = list(receiver)

export const templates = list(checkedText(globFault))

/** Checked, and without effect: Alertmanager's own traces. */
export const tracing = tracingForm(field(httpHeaders))
