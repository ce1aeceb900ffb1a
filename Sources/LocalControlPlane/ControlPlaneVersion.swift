/// The version that `plane.json` and `--version` tell.
let version = "0.1.0"
