// How a plugin reads its settings. It asks for each by name and form; what was not asked for is unknown, and the list of what was is what is allowed.
import type { Problem } from '@tidewatch/core/error.ts'
import { nearest } from '@tidewatch/core/nearest.ts'
import type { Place } from './ast.ts'
import type { ConfigValue, PluginConfig } from './config.ts'
import { type FieldPath, fieldPath, isFieldReference } from './field-path.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import { compileTemplate, type Template } from './template.ts'

export class Settings {
  readonly plugin: PluginConfig
  private readonly file: string
  private readonly problems: Problem[]
  private readonly asked = new Set<string>()

  constructor(plugin: PluginConfig, file: string, problems: Problem[]) {
    this.plugin = plugin
    this.file = file
    this.problems = problems
  }

  /** Tells what is wrong, at the setting where it is named. */
  complain(message: string, fix: string, name?: string): undefined {
    const place = (name === undefined ? undefined : this.plugin.settings.get(name)?.place) ?? this.plugin.place
    this.problemAt(place, message, fix, name)
    return undefined
  }

  private problemAt(place: Place, message: string, fix: string, name?: string): void {
    const key = name === undefined ? this.plugin.name : `${this.plugin.name}.${name}`
    this.problems.push({ message, where: { file: this.file, ...place, key }, fix })
  }

  has(name: string): boolean {
    this.asked.add(name)
    return this.plugin.settings.has(name)
  }

  value(name: string): ConfigValue | undefined {
    this.asked.add(name)
    return this.plugin.settings.get(name)?.value
  }

  optionalText(name: string): string | undefined {
    const value = this.value(name)
    if (value === undefined) return undefined
    const text =
      scalarText(value) ??
      (value.kind === 'list' && value.items.length === 1 ? scalarText(value.items[0] as ConfigValue) : undefined)
    return text ?? this.complain('one text is wanted', `Write ${name} => "…".`, name)
  }

  text(name: string, initial: string): string {
    return this.optionalText(name) ?? initial
  }

  /** Refused where it is not given. */
  requiredText(name: string): string {
    if (!this.has(name)) this.complain(`${this.plugin.name} needs ${name}`, `Write ${name} => "…".`)
    return this.optionalText(name) ?? ''
  }

  flag(name: string, initial: boolean): boolean {
    const text = this.optionalText(name)
    if (text === undefined) return initial
    if (text !== 'true' && text !== 'false')
      this.complain(`"${text}" is neither true nor false`, `Write ${name} => true or false.`, name)
    return text === 'true'
  }

  number(name: string, initial: number, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}): number {
    const text = this.optionalText(name)
    if (text === undefined) return initial
    const number = text.trim() === '' ? Number.NaN : Number(text)
    if (number >= min && number <= max) return number
    this.complain(`"${text}" is no number from ${min} to ${max}`, `Write ${name} => ${initial}.`, name)
    return initial
  }

  choice<T extends string>(name: string, choices: readonly T[], initial: T): T {
    return this.optionalChoice(name, choices) ?? initial
  }

  optionalChoice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.optionalText(name)
    if (text === undefined) return undefined
    return (
      choices.find((choice) => choice === text) ??
      this.complain(`"${text}" is no value of ${name}`, `Write one of ${choices.join(', ')}.`, name)
    )
  }

  /** One text or a list of them. */
  texts(name: string, initial: readonly string[] = []): readonly string[] {
    const value = this.value(name)
    if (value === undefined) return initial
    const items = value.kind === 'list' ? value.items : [value]
    const texts = items.map(scalarText)
    if (texts.every((text) => text !== undefined)) return texts
    this.complain('a list of texts is wanted', `Write ${name} => ["…"].`, name)
    return []
  }

  /** A map, or a list of names and values by turns, as older files have it. */
  pairs(name: string): readonly (readonly [string, ConfigValue])[] {
    const value = this.value(name)
    if (value === undefined) return []
    if (value.kind === 'map') return value.entries
    const items = value.kind === 'list' ? value.items : []
    const names = items.filter((_, i) => i % 2 === 0).map(scalarText)
    if (items.length % 2 === 0 && value.kind === 'list' && names.every((key) => key !== undefined))
      return names.map((key, i) => [key, items[2 * i + 1] as ConfigValue] as const)
    this.complain('a map is wanted', `Write ${name} => { "name" => "value" }.`, name)
    return []
  }

  textPairs(name: string): readonly (readonly [string, string])[] {
    const pairs = this.pairs(name).map(([key, value]) => [key, scalarText(value)] as const)
    const bad = pairs.find(([, value]) => value === undefined)
    if (bad !== undefined) this.complain(`the value of "${bad[0]}" is no text`, `Write "${bad[0]}" => "…".`, name)
    return pairs.map(([key, value]) => [key, value ?? ''] as const)
  }

  field(name: string, initial: string): FieldPath {
    return this.optionalField(name) ?? fieldPath(initial)
  }

  optionalField(name: string): FieldPath | undefined {
    const text = this.optionalText(name)
    return text === undefined ? undefined : this.fieldOf(text, name)
  }

  fields(name: string): readonly FieldPath[] {
    return this.texts(name).map((text) => this.fieldOf(text, name))
  }

  fieldOf(text: string, name: string): FieldPath {
    if (!isFieldReference(text) && !text.includes('%{'))
      this.complain(`"${text}" is no reference to a field`, 'Write name or [outer][inner].', name)
    return fieldPath(text)
  }

  template(text: string, name: string): Template {
    try {
      return compileTemplate(text)
    } catch (error) {
      this.complain(
        `"${text}": ${error instanceof Error ? error.message : String(error)}`,
        'Write %{field} or %{+YYYY.MM.dd}.',
        name,
      )
      return compileTemplate('')
    }
  }

  pattern(source: string, name: string): Pattern {
    try {
      return compilePattern(source)
    } catch (error) {
      this.complain(error instanceof Error ? error.message : String(error), 'Write another expression.', name)
      return compilePattern('')
    }
  }

  /** Settings that Logstash has and that change nothing here. */
  allow(...names: readonly string[]): void {
    for (const name of names) this.asked.add(name)
  }

  /** To be called last: tells what is in the file and was not asked for. */
  finish(): void {
    for (const [name, { place }] of this.plugin.settings) {
      if (this.asked.has(name)) continue
      const allowed = [...this.asked].sort()
      const close = nearest(name, allowed)
      const hint = close === undefined ? '' : `Is ${close} meant? `
      this.problemAt(
        place,
        `${this.plugin.name} has no setting ${name}`,
        `${hint}It takes ${allowed.join(', ')}.`,
        name,
      )
    }
  }
}

export function scalarText(value: ConfigValue): string | undefined {
  return value.kind === 'text' ? value.value : value.kind === 'number' ? value.text : undefined
}
