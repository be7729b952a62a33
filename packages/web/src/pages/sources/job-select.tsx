import { searchText } from '../../data/search.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'

/** One job or all, in the address as `pool`. */
export function JobSelect({ pools }: { readonly pools: readonly string[] }) {
  const setSearch = useSetSearch()
  const chosen = searchText(usePageSearch(), 'pool') ?? ''
  if (pools.length < 2 && chosen === '') return null
  const listed = pools.includes(chosen) || chosen === '' ? pools : [...pools, chosen]
  return (
    <select
      className="select"
      aria-label="Job"
      value={chosen}
      onChange={(event) =>
        setSearch({ pool: event.target.value === '' ? undefined : event.target.value }, { replace: true })
      }
    >
      <option value="">All jobs</option>
      {[...listed].sort().map((pool) => (
        <option key={pool} value={pool}>
          {pool}
        </option>
      ))}
    </select>
  )
}
