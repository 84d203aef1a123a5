# One image for every process of the application; the command says which one:
#   node dist/src/api/main.js      (the default)
#   node dist/src/worker/main.js
#   node dist/src/setup.js         (runs to its end, before each start of a new version)
#   node dist/src/audit-verify.js  (checks the audit)
# Not Alpine: Temporal's native module needs glibc. Its zone data has to be of 2026c or later, which the processes check
# when they start; PostgreSQL's and Temporal's do not matter, since they are told instants in UTC only.
FROM node:24-bookworm-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM base AS build
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build

FROM base AS packages
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev

FROM base
ENV NODE_ENV=production
# Each arena of glibc keeps memory of its own, and a worker has some twenty threads.
ENV MALLOC_ARENA_MAX=2
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist/workflow-bundle.js ./dist/
COPY --from=build /app/dist/src ./dist/src
USER node
EXPOSE 8000
# Of the API; other processes switch it off where they are started.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 8000}/api/v1/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=8", "--max-old-space-size=192", "dist/src/api/main.js"]
