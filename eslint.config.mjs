// What a type checker does not see: unused names, shadowed ones, code without effect. `make lint` runs both.
import js from "@eslint/js";

export default [
  { ignores: [".*/", "_build/", "dist/", "runs/", "test-artifacts/"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-undef": "off", // tsc knows the names of a browser, and their types
      "array-callback-return": "error",
      eqeqeq: "error",
      "no-shadow": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
    },
  },
];
