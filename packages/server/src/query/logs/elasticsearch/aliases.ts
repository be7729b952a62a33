// Aliases in names of indices: each stands for the lines of the indices that it leads to, and for those that came under its own name.

import { compileWildcard, parseWildcard } from '@tidewatch/logquery/wildcard.ts'
import type { IndexAlias } from '../../port.ts'

/** Aliases that a part of an index expression means. */
export function aliasesLike<T extends IndexAlias>(aliases: readonly T[], name: string): readonly T[] {
  if (!name.includes('*')) return aliases.filter((alias) => alias.name === name)
  const matches = compileWildcard(parseWildcard(name))
  return aliases.filter((alias) => matches(alias.name))
}

/** As answers show them below an index. */
export function aliasesOf(aliases: readonly IndexAlias[], index: string): Readonly<Record<string, object>> {
  const own = aliases.filter((alias) => compileWildcard(parseWildcard(alias.index))(index))
  return Object.fromEntries(own.map((alias) => [alias.name, aliasBody(alias)]))
}

export const aliasBody = ({ filter, isWriteIndex }: IndexAlias): object => ({
  ...(filter === undefined ? {} : { filter }),
  ...(isWriteIndex === undefined ? {} : { is_write_index: isWriteIndex }),
})
