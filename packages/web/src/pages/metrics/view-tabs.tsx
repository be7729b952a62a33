import { useSetSearch } from '../../data/use-range.ts'
import { type View, views } from './model.ts'
import '../../ui/code-block.css'

const titles: Record<View, string> = { lines: 'Lines', stacked: 'Stacked', table: 'Table' }

/** How the answer is shown; the choice stands in the URL. */
export function ViewTabs({ view }: { readonly view: View }) {
  const setSearch = useSetSearch()
  return (
    <div className="row small view-tabs">
      <div className="tabs" role="tablist" aria-label="View">
        {views.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            className="tab"
            aria-selected={one === view}
            data-state={one === view ? 'active' : 'inactive'}
            onClick={() => setSearch({ view: one === 'lines' ? undefined : one }, { replace: true })}
          >
            {titles[one]}
          </button>
        ))}
      </div>
      {view !== 'table' && <span className="end third tiny wide-only">drag to zoom, double click to go back</span>}
    </div>
  )
}
