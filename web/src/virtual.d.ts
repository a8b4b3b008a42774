/** Written by vite.config.js: which cells of the fine coast there are, and how many degrees one has. */
declare module "virtual:coast-cells" {
  export const size: number;
  export const cells: ReadonlySet<string>;
}
