// What the parts of Alertmanager's brain hand to one another and to those who use them. Times are milliseconds since 1970 (`atMs`), durations
// milliseconds. The functions: `config.ts` (readAlertmanagerConfig, unsupportedIntegrations), `matcher.ts` and `parse-matchers.ts`, `routes.ts`
// (matchRoutes, groupLabelsOf, groupKeyOf), `inhibitor.ts` (Inhibitor), `silences.ts`, `time-intervals.ts` (TimeIntervals),
// `template-data.ts` (templateDataOf), `fingerprint.ts` (fingerprintOf).
import type { Problem, Where } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import type { Matcher } from '@tidewatch/core/matcher.ts'
import type { GlobalValues } from './config/global.ts'
import type { IntegrationConfigs } from './config/integrations.ts'

/** Which names and matcher texts are good: as before 0.27, any UTF-8, or UTF-8 with the older reading where only that works (Alertmanager's default). */
export type MatcherMode = 'classic' | 'utf8' | 'fallback'

/** A matcher that is ready to match: RE2 over the whole value, `.` does not match a newline. A missing label has the value ''. */
export interface LabelMatcher extends Matcher {
  matches(value: string): boolean
}

/** 16 hex digits: the 64-bit FNV-1a hash of an alert's labels, as Alertmanager writes it. */
export type Fingerprint = string

/** One node of the routing tree with everything that it inherits filled in. */
export interface Route {
  readonly receiver: string
  /** Empty on the root. All must match. */
  readonly matchers: readonly LabelMatcher[]
  /** Whether siblings below it are asked too after it has matched. */
  readonly continue: boolean
  /** Sorted. Means nothing where `groupByAll`. */
  readonly groupBy: readonly string[]
  /** `group_by: ['...']`: each label set is a group of its own. */
  readonly groupByAll: boolean
  readonly groupWaitMs: number
  readonly groupIntervalMs: number
  readonly repeatIntervalMs: number
  /** Names; not inherited. */
  readonly muteTimeIntervals: readonly string[]
  readonly activeTimeIntervals: readonly string[]
  readonly parent: Route | undefined
  readonly routes: readonly Route[]
  /** Same for routes with the same matchers; the first part of a group's key. */
  readonly key: string
  /** Different for every route of a tree. */
  readonly id: string
  readonly where: Where
}

/** The types of `*_configs` that Alertmanager 0.33 knows. */
export type IntegrationType = keyof IntegrationConfigs

/** One way in which a receiver is told, with defaults and what `global` gives filled in. `config` has the keys of the file. */
export type Integration = {
  [Type in IntegrationType]: {
    readonly type: Type
    readonly config: IntegrationConfigs[Type]
    readonly sendResolved: boolean
    /** Its place among those of its type in the receiver, from 0 on. */
    readonly index: number
    readonly where: Where
  }
}[IntegrationType]

export interface Receiver {
  readonly name: string
  /** In the order in which Alertmanager counts them: by type, then as written. */
  readonly integrations: readonly Integration[]
  readonly where: Where
}

export interface InhibitRule {
  readonly name: string
  readonly sourceMatchers: readonly LabelMatcher[]
  readonly targetMatchers: readonly LabelMatcher[]
  /** Labels that must have the same value in source and target; a missing one has the value ''. */
  readonly equal: readonly string[]
}

/** Both ends belong to it. */
export interface InclusiveRange {
  readonly begin: number
  readonly end: number
}

/** A time is inside when it is inside of every part that is given; a part that is undefined takes any time. */
export interface TimeInterval {
  /** Minutes of the day; the end does not belong to it. */
  readonly times: readonly { readonly startMinute: number; readonly endMinute: number }[] | undefined
  /** 0 is Sunday. */
  readonly weekdays: readonly InclusiveRange[] | undefined
  /** 1 to 31, or from the end of the month: -1 is its last day. */
  readonly daysOfMonth: readonly InclusiveRange[] | undefined
  /** 1 to 12. */
  readonly months: readonly InclusiveRange[] | undefined
  readonly years: readonly InclusiveRange[] | undefined
  /** A name of the time zone database; UTC where it is undefined. */
  readonly location: string | undefined
}

export type NamedTimeIntervals = ReadonlyMap<string, readonly TimeInterval[]>

/** An `alertmanager.yml` that was taken. */
export interface AlertmanagerConfig {
  readonly global: GlobalValues
  readonly route: Route
  readonly inhibitRules: readonly InhibitRule[]
  /** By name, in the order of the file. */
  readonly receivers: ReadonlyMap<string, Receiver>
  /** Of `time_intervals` and the older `mute_time_intervals`. */
  readonly timeIntervals: NamedTimeIntervals
  /** Patterns of template files, relative to the configuration's directory where they are not absolute. */
  readonly templates: readonly string[]
  /** The mode that the file's matchers and names were read in. */
  readonly mode: MatcherMode
  /** The file with every default filled in and `<secret>` for secrets, as Alertmanager's API v2 shows it. It can be read again. */
  readonly effectiveYaml: string
}

export interface ReadOptions {
  /** Alertmanager's feature flag `classic-mode`: names of labels are those of Prometheus 2. */
  readonly mode?: MatcherMode
  /** Of the file. Files that `http_config` names are relative to it; without it they stay as they are written. */
  readonly directory?: string
}

export type ReadAlertmanagerConfig =
  | { readonly ok: true; readonly config: AlertmanagerConfig }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** What inhibition needs of an alert. */
export interface InhibitingAlert {
  readonly fingerprint: Fingerprint
  readonly labels: Labels
  /** Undefined or in the future: it fires. */
  readonly endsAtMs: number | undefined
}

export interface Inhibition {
  /** Fingerprints of the alerts that mute: one for each rule that does, in the order of the rules. */
  readonly by: readonly Fingerprint[]
  /** The rule by which the alert at the same place in `by` mutes. */
  readonly rules: readonly InhibitRule[]
}

/** A matcher as API v2 writes it. */
export interface ApiMatcher {
  readonly name: string
  readonly value: string
  readonly isRegex: boolean
  /** True where it is missing. */
  readonly isEqual?: boolean | undefined
}

/** A silence as it is asked for. It mutes what all matchers of any one set match. */
export interface SilenceDraft {
  readonly matcherSets: readonly (readonly ApiMatcher[])[]
  /** NaN or undefined: not given. */
  readonly startsAtMs: number | undefined
  readonly endsAtMs: number | undefined
}

/** Why people are told now; webhooks carry it. */
export type NotificationReason = string

/** What template data is made of. */
export interface GroupedAlert {
  readonly labels: Labels
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAtMs: number
  /** Undefined or in the future: it fires. */
  readonly endsAtMs: number | undefined
  readonly generatorUrl: string
}

/** An alert as templates and webhooks get it. */
export interface TemplateAlert {
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAtMs: number
  /** Undefined: not known, which Alertmanager writes as the year 1. */
  readonly endsAtMs: number | undefined
  readonly generatorUrl: string
  readonly fingerprint: Fingerprint
}

/** What templates and webhooks get for a group of alerts. */
export interface TemplateData {
  readonly receiver: string
  readonly status: 'firing' | 'resolved'
  readonly alerts: readonly TemplateAlert[]
  readonly notificationReason: NotificationReason
  readonly groupLabels: Readonly<Record<string, string>>
  readonly commonLabels: Readonly<Record<string, string>>
  readonly commonAnnotations: Readonly<Record<string, string>>
  readonly externalUrl: string
}
