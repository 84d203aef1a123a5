import sql from 'sql-template-tag';

/** Where the site `s` lies, as a `Point`; null where nobody said. */
export const POINT_OF_SITE = sql`CASE WHEN s.latitude IS NOT NULL AND s.longitude IS NOT NULL THEN
  json_build_object('latitude', s.latitude, 'longitude', s.longitude) END`;
