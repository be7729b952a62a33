import { useSetSearch } from '../../data/use-range.ts'
import { TabRow } from '../../ui/tab-row.tsx'
import { type View, views } from './model.ts'

const titles: Record<View, string> = { lines: 'Lines', stacked: 'Stacked', table: 'Table' }
const tabs = views.map((id) => ({ id, title: titles[id] }))

/** How the answer is shown; the choice stands in the URL. */
export function ViewTabs({ view }: { readonly view: View }) {
  const setSearch = useSetSearch()
  return (
    <div className="row small view-tabs">
      <TabRow
        name="View"
        tabs={tabs}
        active={view}
        onChoose={(id) => setSearch({ view: id === 'lines' ? undefined : id }, { replace: true })}
      />
      {view !== 'table' && <span className="end third tiny wide-only">drag to zoom, double click to go back</span>}
    </div>
  )
}
