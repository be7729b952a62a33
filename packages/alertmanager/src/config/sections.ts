// `inhibit_rules`, `receivers`, `templates`, `tracing`.
import { type Field, field, list, StructForm } from '@tidewatch/yaml/form.ts'
import { httpHeaders, tls } from '@tidewatch/yaml/http-client.ts'
import { checkedText, duration, float, oneOf, text, truth } from '@tidewatch/yaml/scalars.ts'
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
export const tracing = new StructForm(
  {
    client_type: field(oneOf('type of tracing client', ['http', 'grpc']), { initial: () => 'grpc' }),
    endpoint: field(text),
    sampling_fraction: field(float),
    insecure: field(truth),
    tls_config: field(tls),
    headers: field(httpHeaders),
    compression: field(text),
    timeout: field(duration),
  },
  {
    check(config, complain) {
      if (config.endpoint === '') complain('endpoint', 'missing; traces are sent there.')
      if (config.compression !== '' && config.compression !== 'gzip')
        complain('compression', `${JSON.stringify(config.compression)} is no compression. Allowed: gzip.`)
    },
  },
)
