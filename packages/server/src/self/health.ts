import type { Clock } from '@tidewatch/core/clock.ts'
import type { Health, HealthPart, Logger, Metrics, PartReport, PartState } from './port.ts'
import { loggableText } from './redact.ts'

/** From best to worst. */
const states: readonly PartState[] = ['ready', 'degraded', 'starting', 'down']

interface Part {
  readonly name: string
  readonly required: boolean
  state: PartState
  reason: string | undefined
  sinceMs: number
}

/** The board on which each part says how it is. Changes are logged and shown as `tidewatch_part_state`. */
export function createHealth(options: {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}): Health {
  const parts = new Map<string, Part>()
  const gauge = options.metrics.gauge({
    name: 'tidewatch_part_state',
    help: 'How a part of the server is: 0 ready, 1 degraded, 2 starting, 3 down.',
    labels: ['part'],
  })
  const change = (part: Part, state: PartState, reason: string | undefined): void => {
    const text = reason === undefined ? undefined : loggableText(reason, 500)
    if (part.state === state && part.reason === text) return
    if (part.state !== state) part.sinceMs = options.clock.nowMs()
    const was = part.state
    part.state = state
    part.reason = text
    gauge.with(part.name).set(states.indexOf(state))
    logChange(options.logger, part, was)
  }
  return {
    part(name, { required = true } = {}): HealthPart {
      if (parts.has(name)) throw new Error(`health part ${name} exists twice`)
      const part: Part = { name, required, state: 'starting', reason: undefined, sinceMs: options.clock.nowMs() }
      parts.set(name, part)
      gauge.with(name).set(states.indexOf('starting'))
      return {
        starting: (reason) => change(part, 'starting', reason),
        ready: () => change(part, 'ready', undefined),
        degraded: (reason) => change(part, 'degraded', reason),
        down: (reason) => change(part, 'down', reason),
      }
    },
    report() {
      const all = [...parts.values()]
      const worst = all.reduce((found, part) => Math.max(found, states.indexOf(part.state)), 0)
      const isServing = (part: Part): boolean => part.state === 'ready' || part.state === 'degraded'
      return {
        status: states[worst] as PartState,
        ready: all.every((part) => !part.required || isServing(part)),
        parts: all.map(({ name, state, reason, sinceMs }): PartReport => ({ name, state, reason, sinceMs })),
      }
    },
  }
}

function logChange(logger: Logger, part: Part, was: PartState): void {
  const fields = { part: part.name, was, reason: part.reason }
  if (part.state === 'down') logger.error(`${part.name} is down`, fields)
  else if (part.state === 'degraded') logger.warn(`${part.name} is degraded`, fields)
  else if (part.state === 'ready' && was !== 'starting') logger.info(`${part.name} is ready again`, fields)
  else logger.debug(`${part.name} is ${part.state}`, fields)
}
