import GRDB

extension Migrations {
    /// Counts the changes of what the API answers of a deployment: its row, and the configuration of its latest revision.
    ///
    /// Triggers do it, so that no write goes uncounted, whoever makes it. One count for all deployments, so that an id
    /// that comes again after its row was removed has another version.
    static func addVersions(in database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE deployments ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
                CREATE TABLE deployment_versions (last INTEGER NOT NULL);
                INSERT INTO deployment_versions VALUES (0);
                """)
        let count = """
            UPDATE deployment_versions SET last = last + 1;
            UPDATE deployments SET version = (SELECT last FROM deployment_versions)
            """
        let triggers: KeyValuePairs = [
            "deployment_made": ("INSERT ON deployments", "id = NEW.id"),
            "deployment_changed": ("UPDATE ON deployments WHEN NEW.version IS OLD.version", "id = NEW.id"),
            "revision_made": ("INSERT ON revisions", "id = NEW.deploymentID AND latestRevisionID = NEW.id"),
            "revision_changed": (
                "UPDATE OF id, config ON revisions", "id = NEW.deploymentID AND latestRevisionID IN (OLD.id, NEW.id)"
            ),
            "revision_removed": ("DELETE ON revisions", "id = OLD.deploymentID AND latestRevisionID = OLD.id"),
        ]
        for (name, (event, deployment)) in triggers {
            try database.execute(sql: "CREATE TRIGGER \(name) AFTER \(event) BEGIN \(count) WHERE \(deployment); END")
        }
    }

    /// The order of lists, so that a page is read without sorting what lies before it.
    static func sortIndexAsLists(in database: Database) throws {
        try database.execute(
            sql: """
                DROP INDEX deployments_by_age;
                CREATE INDEX deployments_by_age ON deployments (tenantID, createdAt DESC, id);
                """)
    }
}
