// Who is called, in which order: people, schedules, policies, and what asks for them.

/** Where a person is reached by a kind of channel. */
export interface Address {
  readonly kind: 'email' | 'phone' | 'telegram' | 'slack'
  readonly value: string
}

/** A way to reach one person: an address of theirs for a channel, or a configured channel as it is. */
export interface Contact {
  readonly address: Address | undefined
  /** The channel of tidewatch.yml that carries it; undefined: the first that reaches such addresses. */
  readonly channel: string | undefined
}

export interface Person {
  readonly name: string
  readonly timeZone: string | undefined
  readonly contacts: readonly Contact[]
}

/** Hours of the week, local. Minutes since midnight; `toMinute` at or before `fromMinute` is on the next day. */
export interface Window {
  /** 0 is Sunday, by the day on which it begins. */
  readonly weekdays: readonly number[]
  readonly fromMinute: number
  readonly toMinute: number
}

/** People who take turns. */
export interface Layer {
  readonly name: string
  readonly people: readonly string[]
  /** Local time as ms as if it were UTC: the first hand-over at or before the begin; turns are counted from it. */
  readonly anchorLocalMs: number
  /** Of local clocks: a day has its 24 hours also where daylight saving changes. */
  readonly turnMs: number
  /** The layer is empty before and after; of local clocks. */
  readonly beginsLocalMs: number
  readonly endsLocalMs: number | undefined
  /** Empty: always. */
  readonly windows: readonly Window[]
}

/** A later layer stands over those before it wherever it has somebody. */
export interface Schedule {
  readonly name: string
  readonly timeZone: string
  readonly layers: readonly Layer[]
}

export type Target =
  | { readonly kind: 'person'; readonly name: string }
  | { readonly kind: 'schedule'; readonly name: string }
  | { readonly kind: 'channel'; readonly name: string }

/** Who is called in the end: a person by all their contacts, or a configured channel. */
export interface Recipient {
  readonly kind: 'person' | 'channel'
  readonly name: string
}

export interface Step {
  readonly targets: readonly Target[]
  /** How long somebody has to acknowledge before the next step. */
  readonly waitMs: number
}

export interface Policy {
  readonly name: string
  readonly steps: readonly Step[]
  /** How often it begins anew after its last step. */
  readonly repeats: number
}

/** `oncall` of tidewatch.yml. */
export interface OnCallPlan {
  readonly people: readonly Person[]
  readonly schedules: readonly Schedule[]
  readonly policies: readonly Policy[]
}

/** Somebody stands in, for a schedule and some time. The youngest counts where several meet. */
export interface Override {
  readonly id: string
  readonly schedule: string
  readonly person: string
  readonly startMs: number
  readonly endMs: number
  readonly createdBy: string
  readonly createdAtMs: number
  readonly note: string
}
