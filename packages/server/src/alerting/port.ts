import type { Labels } from '@tidewatch/core/labels.ts'
import type { Severity } from '@tidewatch/core/severity.ts'

/**
 * An alert on its way from a rule (or a post) to people. Times in ms. Where `endsAtMs` is undefined it fires until its end is told, or until it was
 * not delivered again for `validForMs`.
 */
export interface Alert {
  readonly labels: Labels
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAtMs: number
  readonly endsAtMs: number | undefined
  readonly generatorUrl: string
  /** Channels that the rule names itself (`actions`): told instead of those to which the route tree leads. */
  readonly channels?: readonly string[] | undefined
  /** How long it is believed without being heard of again; `resolve_timeout` of alertmanager.yml where it is left out. */
  readonly validForMs?: number | undefined
  readonly pacing?: AlertPacing | undefined
}

/** How often people hear of one alert at most, as its rule or tidewatch.yml says. */
export interface AlertPacing {
  /** After a notification of it: no new one about it firing for so long, though it ended and began anew. */
  readonly cooldownMs?: number | undefined
  /** At most so many notifications of it in so long. */
  readonly throttle?: { readonly count: number; readonly windowMs: number } | undefined
}

/** How soon somebody is to answer an alert of a severity. */
export interface ResponseTarget {
  /** From its beginning to its acknowledgement; undefined: nobody has to, it is kept. */
  readonly withinMs: number | undefined
  /** The time counts in working hours alone. */
  readonly onlyBusinessHours: boolean
}

export type ResponseTargets = Readonly<Record<Severity, ResponseTarget>>

/** Where alerts of rules and of posts go on: one set of alerts, then inhibition, silences, routes, groups. */
export interface AlertSink {
  /** Resolves once the alerts are safely kept. The same alert may come again: it is told once. */
  deliver(alerts: readonly Alert[]): Promise<void>
}

/** A step in an alert's life, as it is kept for "why did it, why didn't it": in the order in which they can come. */
export type JournalStage =
  | 'pending'
  | 'firing'
  | 'received'
  | 'inhibited'
  | 'silenced'
  | 'muted'
  | 'folded'
  | 'routed'
  | 'throttled'
  | 'flapping'
  | 'notified'
  | 'delivery'
  | 'acknowledged'
  | 'escalated'
  | 'resolved'

/** One step of one alert. Written when something changes, not at each round. */
export interface JournalEntry {
  readonly atMs: number
  /** Alertmanager's fingerprint of the alert's labels. */
  readonly fingerprint: string
  readonly stage: JournalStage
  /** One sentence for a person: by which silence, under which route, what the receiver answered. */
  readonly text: string
  /** The same for a program. Flat; values are short. */
  readonly detail: Readonly<Record<string, string | number | boolean>>
}

/** What happened to alerts, for 30 days. */
export interface AlertJournal {
  /** Written together at the next moment; what is lost by a kill is at most a second of telling, never a notification. */
  record(entries: readonly JournalEntry[]): void
  /** Oldest first. */
  read(
    fingerprint: string,
    range: { readonly fromMs: number; readonly toMs: number; readonly limit: number },
  ): Promise<readonly JournalEntry[]>
  /** What a rule's alerts began and ended, of all its alerts; the newest first. */
  readRule(
    rule: string,
    range: { readonly fromMs: number; readonly toMs: number; readonly limit: number },
  ): Promise<readonly JournalEntry[]>
}

/** One alert that fires, as far as others must know of it. */
export interface FiringAlert {
  readonly fingerprint: string
  readonly startsAtMs: number
  readonly labels: Labels
}

/** What fires now, from memory. */
export interface FiringAlerts {
  find(fingerprint: string): FiringAlert | undefined
  /** What keeps people from being told of it now; undefined: nothing does. */
  heldBy(fingerprint: string): 'silenced' | 'inhibited' | undefined
  inGroup(groupKey: string): readonly FiringAlert[]
  /** The groups in which something fires. */
  groupKeys(): Iterable<string>
}

/** Who has taken an alert, until it ends. */
export interface Acknowledgement {
  readonly fingerprint: string
  readonly by: string
  /** How it came: `page`, `link`, `slack`, `telegram`, `sms`, `mail`, `api`, `cli`. */
  readonly via: string
  readonly note: string
  readonly atMs: number
}

/** Alerts that somebody has taken: no repeats, no escalation while they last. Ends with the alert. */
export interface Acknowledgements {
  /** All that fire in the group, or the alerts named. Answers those that are newly taken. */
  acknowledge(
    which: { readonly groupKey: string } | { readonly fingerprints: readonly string[] },
    who: { readonly by: string; readonly via: string; readonly note: string },
  ): Promise<readonly Acknowledgement[]>
  /** "Undo", or somebody gives it back. */
  release(fingerprints: readonly string[], by: string): Promise<void>
  /** From memory: asked at each round for each alert. */
  of(fingerprint: string): Acknowledgement | undefined
}
