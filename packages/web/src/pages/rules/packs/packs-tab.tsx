import { useQuery } from '@tanstack/react-query'
import type { RulePack } from '@tidewatch/api/rule-packs.ts'
import { toLoadable } from '../../../data/loadable.ts'
import { rulePacksQuery } from '../../../data/rule-packs.ts'
import { searchText } from '../../../data/search.ts'
import { usePageSearch, useSetSearch } from '../../../data/use-range.ts'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { StateWord } from '../../../ui/glyph.tsx'
import { Loaded } from '../../../ui/loaded.tsx'
import { counted } from '../backtest/report-words.ts'
import { PackDetail } from './pack-detail.tsx'
import { fitOf, sortPacks } from './pack-fit.ts'
import './packs.css'

/** Ready rules: which there are and fit, and one of them in detail. */
export function PacksTab() {
  const packs = toLoadable(useQuery(rulePacksQuery))
  const chosen = searchText(usePageSearch(), 'pack')
  return (
    <Loaded
      of={packs}
      what="packs"
      height={300}
      isEmpty={(list) => list.length === 0}
      empty={<p className="second">This version has no packs.</p>}
    >
      {(list) => {
        const pack = list.find(({ name }) => name === chosen)
        return pack === undefined ? <PackList packs={sortPacks(list)} /> : <PackDetail key={pack.name} pack={pack} />
      }}
    </Loaded>
  )
}

function PackList({ packs }: { readonly packs: readonly RulePack[] }) {
  const setSearch = useSetSearch()
  const on = packs.filter(({ enabled }) => enabled).length
  return (
    <section className="section" aria-label="Packs">
      <p className="second packs-words">
        Rules that are ready to use, off until you choose them.{' '}
        {on === 0 ? 'None is in force.' : `${counted(on, 'pack')} of ${packs.length} in force.`}
      </p>
      <DataTable
        name="Packs"
        columns={columns}
        rows={packs}
        rowKey={({ name }) => name}
        onOpen={({ name }) => setSearch({ pack: name, run: undefined })}
      />
    </section>
  )
}

const fitStates = { fits: 'fine', 'fits in part': 'info', 'nothing to watch': 'no-data' } as const

const columns: readonly Column<RulePack>[] = [
  {
    key: 'pack',
    title: 'Pack',
    sortBy: ({ title }) => title,
    cell: ({ title, summary }) => (
      <div className="pack-cell">
        <span className="label">{title}</span> <span className="second break">{summary}</span>
      </div>
    ),
  },
  {
    key: 'fit',
    title: 'On your data',
    width: '190px',
    sortBy: (pack) => fitOf(pack).rules / Math.max(fitOf(pack).total, 1),
    cell: (pack) => {
      const { word, rules, total } = fitOf(pack)
      return (
        <StateWord state={fitStates[word]}>
          {word === 'fits in part' ? `${rules} of ${total} rules fit` : word}
        </StateWord>
      )
    },
  },
  {
    key: 'rules',
    title: 'Rules',
    numeric: true,
    wideOnly: true,
    width: '70px',
    sortBy: ({ rules }) => rules.length,
    cell: ({ rules }) => rules.length,
  },
  {
    key: 'state',
    title: 'Now',
    width: '90px',
    sortBy: ({ enabled }) => Number(enabled),
    cell: ({ enabled }) => (enabled ? <span className="label">in force</span> : <span className="third">off</span>),
  },
]
