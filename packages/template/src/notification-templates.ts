// The templates of notifications: those built in, the files of a configuration, and the texts of its receivers rendered with both.
import { builtInMail } from './notification/built-in-mail.ts'
import { builtInText } from './notification/built-in-text.ts'
import { notificationValue } from './notification/data.ts'
import { notificationFunctions } from './notification/functions.ts'
import type { Definition } from './parse-nodes.ts'
import { createTemplate, defineTemplates, type Template } from './template.ts'
import type { FunctionTable, Struct, Value } from './value.ts'

type Strings = Readonly<Record<string, string>>

/** A moment: milliseconds since 1970 or, as webhooks have it, RFC 3339. `undefined`, 0 and year 1 all say that it has not come yet. */
export type Moment = number | string | undefined

export interface NotificationAlert {
  readonly status: 'firing' | 'resolved'
  readonly labels: Strings
  readonly annotations: Strings
  readonly startsAt: Moment
  readonly endsAt: Moment
  readonly generatorURL: string
  /** 16 hexadecimal digits. */
  readonly fingerprint: string
}

/** What a notification is made of: the object that webhooks carry. It must not be changed once a template was rendered with it. */
export interface NotificationData {
  readonly receiver: string
  readonly status: 'firing' | 'resolved'
  readonly alerts: readonly NotificationAlert[]
  readonly groupLabels: Strings
  readonly commonLabels: Strings
  readonly commonAnnotations: Strings
  /** Where people reach this installation, without a slash at its end. */
  readonly externalURL: string
  /** Of webhooks; templates do not see it. */
  readonly groupKey?: string
  /** How many alerts were left out because of `max_alerts`; templates do not see it. */
  readonly truncatedAlerts?: number
  /** Why it is sent, such as `first notification`. */
  readonly notificationReason?: string
}

/** A file of templates, as under `templates:` in `alertmanager.yml`. */
export interface TemplateFile {
  readonly name: string
  readonly text: string
}

export interface NotificationTemplatesOptions {
  /** The present, in milliseconds since 1970, for `now` and `since`. */
  readonly nowMs?: () => number
}

export interface RenderOptions {
  /** What messages call the text: the key of a configuration where it stands. */
  readonly name?: string
  /** UTF-16 units of output; by default 32 million. */
  readonly maxOutput?: number
  /** Statements and commands that may run; by default five million. A group of 10,000 alerts in the mail that is built in takes half a million. */
  readonly maxSteps?: number
}

const defaultMaxOutput = 32_000_000
const defaultMaxSteps = 5_000_000
/** Texts of receivers that are kept parsed: how many, and their UTF-16 units. */
const maxParsed = 500
const maxParsedSize = 1_000_000

export class NotificationTemplates {
  readonly #functions: FunctionTable
  readonly #defined: ReadonlyMap<string, Definition>
  readonly #parsed = new Map<string, Template>()
  #parsedSize = 0
  readonly #values = new WeakMap<NotificationData, Struct>()

  private constructor(functions: FunctionTable, defined: ReadonlyMap<string, Definition>) {
    this.#functions = functions
    this.#defined = defined
  }

  /**
   * The templates that are built in, and those of the files, which may define them anew; of two files that define the same the later one counts.
   * Throws `template.parse` with file, line and column.
   */
  static parse(files: readonly TemplateFile[], options: NotificationTemplatesOptions = {}): NotificationTemplates {
    const functions = notificationFunctions(options.nowMs ?? Date.now)
    return new NotificationTemplates(functions, defineTemplates([builtInText, builtInMail, ...files], functions))
  }

  /** Names of all templates that there are, sorted. */
  get names(): readonly string[] {
    return [...this.#defined.keys()].sort()
  }

  /** Checks a text without rendering it. Throws `template.parse` with line and column. */
  check(text: string, name = ''): void {
    this.#template(text, false, { name })
  }

  /** The text with everything in it filled in. Throws `template.parse`, `template.execute` and `template.limit`. */
  text(text: string, data: NotificationData, options: RenderOptions = {}): string {
    return this.#render(text, this.#valueOf(data), options, false)
  }

  /** As `text`, for mail: what comes from the data is escaped for the place where it stands. */
  html(text: string, data: NotificationData, options: RenderOptions = {}): string {
    return this.#render(text, this.#valueOf(data), options, true)
  }

  #render(text: string, data: Value, options: RenderOptions, isHtml: boolean): string {
    if (!text.includes('{{')) return text
    return this.#template(text, isHtml, options).execute(data)
  }

  #valueOf(data: NotificationData): Struct {
    const former = this.#values.get(data)
    if (former !== undefined) return former
    const value = notificationValue(data)
    this.#values.set(data, value)
    return value
  }

  #template(text: string, isHtml: boolean, options: RenderOptions): Template {
    const { name = '', maxOutput = defaultMaxOutput, maxSteps = defaultMaxSteps } = options
    const key = `${isHtml ? 'h' : 't'}${maxOutput} ${maxSteps} ${name}\n${text}`
    const former = this.#parsed.get(key)
    if (former !== undefined) return former
    const template = createTemplate(text, {
      name,
      functions: this.#functions,
      defined: this.#defined,
      missingKey: 'zero',
      isHtml,
      maxOutput,
      maxSteps,
    })
    if (this.#parsed.size >= maxParsed || this.#parsedSize > maxParsedSize) {
      this.#parsed.clear()
      this.#parsedSize = 0
    }
    this.#parsed.set(key, template)
    this.#parsedSize += key.length
    return template
  }
}
