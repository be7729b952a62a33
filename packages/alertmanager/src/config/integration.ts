// What each type of `*_configs` is made of: its keys with their defaults, what must hold, what `global` fills in.
import { type Fields, type Form, field, type StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { truth } from '@tidewatch/yaml/scalars.ts'
import type { GlobalValues } from './global.ts'
import { httpConfig } from './http-config.ts'

/** The type of a definition's configurations, for those who name it. */
export interface Integrating<Config> {
  readonly form: Form<Config>
  /** Fills in from `global`, and checks what must hold then. */
  complete(config: Config, global: GlobalValues, complain: Complain): void
}

export type ConfigOf<Definition> = Definition extends Integrating<infer Config> ? Config : never

export function defineIntegration<F extends Fields>(
  form: StructForm<F>,
  complete: (config: Values<F>, global: GlobalValues, complain: Complain) => void,
): Integrating<Values<F>> {
  return { form, complete }
}

/** Whether people are told of ends, with the type's default. */
export const sendResolved = (initial: boolean) => field(truth, { always: true, initial: () => initial })

/** What all types have that speak HTTP. */
export const httpKeys = (sendsResolved: boolean) => ({
  send_resolved: sendResolved(sendsResolved),
  http_config: field(httpConfig),
})

/** The receiver's own `http_config`, or that of `global`. */
export function fillHttp(config: { http_config: unknown }, global: GlobalValues): void {
  config.http_config ??= global.http_config
}
