// The whole of an alertmanager.yml: read by its forms, checked as Alertmanager 0.33 checks it, completed with every default.
import type { Problem } from '@tidewatch/core/error.ts'
import { nearest } from '@tidewatch/core/nearest.ts'
import type { NamedText } from '@tidewatch/yaml/documents.ts'
import { field, optional, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import { toYaml } from '@tidewatch/yaml/print.ts'
import type { ReadContext } from '@tidewatch/yaml/read-context.ts'
import { readByForm } from '@tidewatch/yaml/read-file.ts'
import { buildRoute } from './config/build-route.ts'
import { type GlobalValues, globalForm } from './config/global.ts'
import { type HttpConfig, inDirectory } from './config/http-config.ts'
import { integrations } from './config/integrations.ts'
import { joinMatchers } from './config/matcher-forms.ts'
import { type RouteValues, routeForm } from './config/route-forms.ts'
import { inhibitRules, receivers, templates, tracing } from './config/sections.ts'
import { namedIntervals, toTimeInterval } from './config/time-interval-forms.ts'
import type {
  AlertmanagerConfig,
  Integration,
  IntegrationType,
  MatcherMode,
  NamedTimeIntervals,
  ReadAlertmanagerConfig,
  ReadOptions,
  Receiver,
} from './port.ts'

const fileForm = (mode: MatcherMode) =>
  new StructForm({
    global: field(optional(globalForm)),
    route: field(optional(routeForm(mode))),
    inhibit_rules: field(inhibitRules(mode)),
    receivers: field(receivers),
    templates: field(templates),
    mute_time_intervals: field(namedIntervals),
    time_intervals: field(namedIntervals),
    tracing: field(optional(tracing)),
  })

type FileValues = Values<ReturnType<typeof fileForm>['fields']>

/** Reads and checks the text of an `alertmanager.yml`. All that is wrong with it is told at once, or it is taken whole. */
export function readAlertmanagerConfig(file: NamedText, options: ReadOptions = {}): ReadAlertmanagerConfig {
  const mode = options.mode ?? 'fallback'
  const form = fileForm(mode)
  const { value, problems, context } = readByForm(file, form)
  if (problems.length > 0) return refused(problems)
  const global = value.global ?? globalForm.initial()
  const named = readReceivers(value, global, { context, directory: options.directory })
  const timeIntervals = readIntervals(value, context)
  checkRoot(value, context)
  if (value.route !== undefined) checkNames(value.route, named, timeIntervals, context)
  if (problems.length > 0 || value.route === undefined) return refused(problems)
  return {
    ok: true,
    config: {
      global,
      route: buildRoute(value.route, context),
      inhibitRules: (value.inhibit_rules ?? []).map((rule) => ({
        name: rule.name,
        sourceMatchers: joinMatchers(rule.source_match, rule.source_match_re, rule.source_matchers),
        targetMatchers: joinMatchers(rule.target_match, rule.target_match_re, rule.target_matchers),
        equal: rule.equal ?? [],
      })),
      receivers: named,
      timeIntervals,
      templates: value.templates ?? [],
      mode,
      effectiveYaml: toYaml(form.print({ ...value, global })),
    },
  }
}

const refused = (problems: readonly Problem[]): ReadAlertmanagerConfig => ({ ok: false, problems })

/** Where what is read stands. */
interface Place {
  readonly context: ReadContext
  readonly directory: string | undefined
}

function readReceivers({ receivers: all }: FileValues, global: GlobalValues, place: Place): Map<string, Receiver> {
  const { context } = place
  const named = new Map<string, Receiver>()
  for (const values of all ?? []) {
    const { name } = values
    if (named.has(name))
      context.complainAbout(values)('name', `${JSON.stringify(name)} is the name of another receiver.`, 'Rename one.')
    const integrationsOfReceiver = Object.keys(integrations).flatMap((type) => {
      const list = (values as Readonly<Record<string, unknown>>)[`${type}_configs`]
      return completed(type as IntegrationType, (list ?? []) as readonly object[], global, place)
    })
    named.set(name, { name, integrations: integrationsOfReceiver, where: context.whereOf(values) })
  }
  return named
}

/** The form of a type has read these, which the compiler cannot follow through the table of types. */
function completed(
  type: IntegrationType,
  configs: readonly object[],
  global: GlobalValues,
  { context, directory }: Place,
): Integration[] {
  return configs.map((config, index) => {
    integrations[type].complete(config as never, global, context.complainAbout(config))
    const made = config as { readonly send_resolved: boolean; http_config?: HttpConfig | undefined }
    const { send_resolved: sendResolved, http_config: http } = made
    if (http !== undefined && directory !== undefined) made.http_config = inDirectory(http, directory)
    return { type, config, sendResolved, index, where: context.whereOf(config) } as Integration
  })
}

function readIntervals(value: FileValues, context: ReadContext): NamedTimeIntervals {
  const named = new Map<string, ReturnType<typeof toTimeInterval>[]>()
  for (const entry of [...(value.mute_time_intervals ?? []), ...(value.time_intervals ?? [])]) {
    if (named.has(entry.name))
      context.complainAbout(entry)(
        'name',
        `${JSON.stringify(entry.name)} is the name of other time intervals.`,
        'Rename one.',
      )
    named.set(entry.name, (entry.time_intervals ?? []).map(toTimeInterval))
  }
  return named
}

/** The root takes every alert at any time: what no other route wants must go somewhere. */
function checkRoot(value: FileValues, context: ReadContext): void {
  const { route } = value
  if (route === undefined) {
    context.complainAbout(value)(
      'route',
      'missing; every alert takes its way from there.',
      'Write route with a receiver.',
    )
    return
  }
  const complain = context.complainAbout(route)
  if (route.receiver === '') complain('receiver', 'missing; the root route must have one.')
  for (const key of ['match', 'match_re', 'matchers'] as const) {
    const matchers = route[key]
    const count = Array.isArray(matchers) ? matchers.length : (matchers?.size ?? 0)
    if (count > 0) complain(key, 'the root route takes all alerts and has no matchers.', 'Move it to a route below.')
  }
  for (const key of ['mute_time_intervals', 'active_time_intervals'] as const)
    if ((route[key] ?? []).length > 0) complain(key, 'the root route is never muted.', 'Move it to a route below.')
  if (route.continue) complain('continue', 'nothing stands beside the root route.', 'Take it out.')
}

function checkNames(
  route: RouteValues,
  named: ReadonlyMap<string, Receiver>,
  intervals: NamedTimeIntervals,
  context: ReadContext,
): void {
  const complain = context.complainAbout(route)
  if (route.receiver !== '' && !named.has(route.receiver)) {
    const meant = nearest(route.receiver, [...named.keys()])
    complain(
      'receiver',
      `there is no receiver ${JSON.stringify(route.receiver)}.`,
      meant === undefined ? 'Add it to receivers.' : `Did you mean ${meant}?`,
    )
  }
  for (const key of ['mute_time_intervals', 'active_time_intervals'] as const)
    for (const name of route[key] ?? [])
      if (!intervals.has(name))
        complain(key, `there are no time intervals ${JSON.stringify(name)}.`, 'Add them to time_intervals.')
  for (const child of route.routes ?? []) checkNames(child, named, intervals, context)
}

/** The receivers' entries whose type is none of these, each with its place: a receiver that is skipped is a page that never comes. */
export function unsupportedIntegrations(config: AlertmanagerConfig, supported: ReadonlySet<string>): Problem[] {
  const keys = Object.keys(integrations).filter((type) => supported.has(type))
  const fix = `Supported: ${keys.map((type) => `${type}_configs`).join(', ')}. webhook_configs reaches what has an address.`
  const problems: Problem[] = []
  for (const { name, integrations: all } of config.receivers.values())
    for (const { type, where } of all)
      if (!supported.has(type)) {
        const message = `receiver ${JSON.stringify(name)} has ${type}_configs, and Tidewatch cannot send to ${type}.`
        problems.push({ message, where, fix })
      }
  return problems
}
