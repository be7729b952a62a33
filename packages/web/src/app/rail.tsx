import { type PageGroup, pages } from '../pages/registry.ts'
import { Mark } from './mark.tsx'
import { PageLink } from './page-link.tsx'
import { useFiringCount } from './use-firing.ts'
import { UserMenu } from './user-menu.tsx'
import './rail.css'

const groups: readonly PageGroup[] = ['', 'Respond', 'Explore', 'Set up']

/** All sections, by what a person wants to do; folded it keeps its icons. */
export function Rail() {
  const firing = useFiringCount()
  return (
    <nav className="rail" aria-label="Sections">
      <PageLink to="/" className="brand" title="Now">
        <Mark />
        <span>Tidewatch</span>
      </PageLink>
      <div className="rail-sections">
        {groups.map((group) => (
          <div key={group}>
            {group !== '' && <h2 className="rail-group">{group}</h2>}
            {pages
              .filter((page) => page.group === group)
              .map(({ path, title, icon: Icon }) => (
                <PageLink key={path} to={path} className="rail-link" title={title}>
                  <Icon className="icon" aria-hidden />
                  <span>{title}</span>
                  {path === '/alerts' && firing > 0 && (
                    <span className="rail-count">
                      {firing}
                      <span className="hidden-text"> firing</span>
                    </span>
                  )}
                </PageLink>
              ))}
          </div>
        ))}
      </div>
      <UserMenu />
    </nav>
  )
}
