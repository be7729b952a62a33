// What a drill needs of the rest: how a synthetic alert begins and ends, and what was seen of it.

/** A test of the whole way to a person, again and again. */
export interface Drill {
  readonly name: string
  readonly timeZone: string
  /** 0 is Sunday. */
  readonly weekdays: readonly number[]
  /** Of the local day. */
  readonly atMinute: number
  /** Beside `alertname` and `drill`: the route tree goes by them. */
  readonly labels: Readonly<Record<string, string>>
  readonly acknowledgeWithinMs: number
  /** Channels that hear of a missed drill; undefined: all that it did not go through. */
  readonly otherwise: readonly string[] | undefined
}

/** Tells somebody outside that we are well. Silence is the alarm. */
export interface HeartbeatTarget {
  readonly url: string
  readonly intervalMs: number
}

/** One sign of life, or why there was none. */
export interface Beat {
  readonly atMs: number
  readonly outcome: 'sent' | 'failed' | 'withheld'
  /** Empty when it was sent. */
  readonly reason: string
}

/** How the heartbeat is, since the start of this process. */
export interface HeartbeatStatus {
  /** The origin of its URL: the rest is a secret. */
  readonly receiver: string
  readonly intervalMs: number
  readonly last: Beat | undefined
  readonly lastSentAtMs: number | undefined
}

/** What the outbox has seen of one attempt. */
export interface SeenDelivery {
  readonly atMs: number
  readonly integration: string
  readonly receiver: string
  /** `delivered`, `retry`, `failed` and what else the outbox knows. */
  readonly outcome: string
  readonly isFiring: boolean
  /** Hands it on to on-call: nobody has it yet. */
  readonly isOnCall: boolean
  readonly alerts: readonly { readonly fingerprint: string; readonly labels: Readonly<Record<string, string>> }[]
}

/** What of a rule group says whether it is being evaluated. */
export interface EvaluatedGroup {
  readonly name: string
  readonly intervalMs: number
  readonly lastEvaluationMs: number | undefined
  /** Slots that went by, since the start. */
  readonly missed: number
  /** Its rules all fail. */
  readonly isFailing: boolean
}
