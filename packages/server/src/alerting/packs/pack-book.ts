// Packs that were chosen, as rules for the evaluator.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { YamlReader } from '../../config/port.ts'
import type { RuleGroup } from '../rules/rule-file.ts'
import { type PackParameters, packGroups, type RulePack } from './pack.ts'
import { rulePacks } from './registry.ts'
import type { ChosenPack, PackRows } from './state.ts'

export interface PackBookOptions {
  readonly rows: PackRows
  readonly readYaml: YamlReader
  readonly clock: Clock
  /** A pack that was chosen makes no rules any more: it is left out, the others stay in force. */
  readonly onFault: (name: string, error: unknown) => void
  /** The rules in force are others now. */
  readonly onChange: () => Promise<void>
}

export class PackBook {
  readonly #options: PackBookOptions
  #chosen: ReadonlyMap<string, ChosenPack> = new Map()
  #groups: readonly RuleGroup[] = []

  constructor(options: PackBookOptions) {
    this.#options = options
  }

  /** Of the packs that are in force. */
  get groups(): readonly RuleGroup[] {
    return this.#groups
  }

  chosen(name: string): ChosenPack | undefined {
    return this.#chosen.get(name)
  }

  /** From the table: at the start, and now and then where another process may have written. */
  async refresh(): Promise<void> {
    const rows = await this.#options.rows.all()
    const isSame =
      rows.length === this.#chosen.size &&
      rows.every((row) => JSON.stringify(row) === JSON.stringify(this.#chosen.get(row.name)))
    if (!isSame) await this.#take(rows)
  }

  /** Throws `state.not_found` for a pack that there is not, `http.invalid` for wrong parameters. */
  async choose(name: string, wish: { readonly enabled: boolean; readonly parameters: PackParameters }, by: string) {
    const { rows, clock, readYaml } = this.#options
    packGroups(packNamed(name), wish.parameters, readYaml)
    await rows.put({ name, ...wish, changedAtMs: clock.nowMs(), changedBy: by })
    await this.#take(await rows.all())
  }

  async #take(rows: readonly ChosenPack[]): Promise<void> {
    this.#chosen = new Map(rows.map((row) => [row.name, row]))
    this.#groups = rulePacks.flatMap((pack) => this.#groupsOf(pack))
    await this.#options.onChange()
  }

  /** What was chosen, without parameters that an older version had. */
  parameters(pack: RulePack): PackParameters {
    const chosen = this.#chosen.get(pack.name)?.parameters ?? {}
    const known = pack.parameters.filter(({ name }) => Object.hasOwn(chosen, name))
    return Object.fromEntries(known.map(({ name }) => [name, chosen[name] ?? '']))
  }

  #groupsOf(pack: RulePack): readonly RuleGroup[] {
    if (this.#chosen.get(pack.name)?.enabled !== true) return []
    try {
      return packGroups(pack, this.parameters(pack), this.#options.readYaml)
    } catch (error) {
      this.#options.onFault(pack.name, error)
      return []
    }
  }
}

/** Throws `state.not_found`. */
export function packNamed(name: string): RulePack {
  const pack = rulePacks.find((one) => one.name === name)
  if (pack !== undefined) return pack
  throw new AppError('state.not_found', `there is no pack ${quoteValue(name)}.`, {
    where: { key: 'name' },
    fix: `There are ${rulePacks.map((one) => one.name).join(', ')}.`,
  })
}
