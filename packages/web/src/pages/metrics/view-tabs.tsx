import { usePageRange, useSetSearch } from '../../data/use-range.ts'
import { TabRow } from '../../ui/tab-row.tsx'
import { type View, views } from './model.ts'

const titles: Record<View, string> = {
  lines: 'Lines',
  points: 'Points',
  stacked: 'Stacked',
  heat: 'Heat map',
  table: 'Table',
}
const tabs = views.map((id) => ({ id, title: titles[id] }))

/** How the answer is shown; the choice stands in the URL. */
export function ViewTabs({ view }: { readonly view: View }) {
  const setSearch = useSetSearch()
  const { zoomOut } = usePageRange()
  return (
    <div className="row small view-tabs">
      <TabRow
        name="View"
        tabs={tabs}
        active={view}
        onChoose={(id) => setSearch({ view: id === 'lines' ? undefined : id }, { replace: true })}
      />
      {view !== 'table' && (
        <span className="end row">
          <span className="third tiny wide-only">drag to zoom</span>
          <button type="button" className="button bare little" onClick={zoomOut}>
            Zoom out
          </button>
        </span>
      )}
    </div>
  )
}
