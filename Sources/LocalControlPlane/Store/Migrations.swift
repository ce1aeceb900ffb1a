import GRDB

/// The migrations from an empty database to the current schema; a released migration is never edited.
enum Migrations {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: first schema") { database in
            try makeServerTables(in: database)
            try makeDeployments(in: database)
            try makeRevisions(in: database)
        }
        migrator.registerMigration("2: listeners, tiers, watched commits", migrate: addListeners)
        migrator.registerMigration("3: versions of deployments") { database in
            try addVersions(in: database)
            try sortIndexAsLists(in: database)
        }
        return migrator
    }

    private static func addListeners(in database: Database) throws {
        try database.create(table: "listeners") { table in
            table.primaryKey("id", .text)
            table.column("tenantID", .text).notNull()
            table.column("computeType", .text).notNull()
            table.column("computeID", .text).notNull()
            table.column("namespaces", .text)
            table.column("version", .text)
            table.column("createdAt", .double).notNull()
            table.column("updatedAt", .double).notNull()
            table.uniqueKey(["tenantID", "computeID"])
        }
        try database.alter(table: "deployments") { table in
            table.add(column: "deploymentTier", .text)
            table.add(column: "computeTier", .text)
            table.add(column: "databaseTier", .text)
            table.add(column: "watchedCommit", .text)
        }
        // Used by lists.
        try database.create(index: "deployments_by_age", on: "deployments", columns: ["tenantID", "createdAt", "id"])
    }

    private static func makeServerTables(in database: Database) throws {
        try database.create(table: "settings") { table in
            table.primaryKey("key", .text)
            table.column("value", .text).notNull()
        }
        try database.create(table: "repositories") { table in
            table.primaryKey("path", .text)
            table.column("addedAt", .double).notNull()
        }
    }

    private static func makeDeployments(in database: Database) throws {
        try database.create(table: "deployments") { table in
            table.primaryKey("id", .text)
            table.column("tenantID", .text).notNull()
            table.column("name", .text).notNull()
            table.column("source", .text).notNull()
            table.column("sourceConfig", .text).notNull()
            table.column("configPath", .text)
            table.column("trackedRef", .text)
            table.column("secrets", .text).notNull()
            table.column("displayName", .text)
            table.column("status", .text).notNull()
            table.column("latestRevisionID", .text)
            table.column("activeRevisionID", .text)
            table.column("frontPort", .integer)
            table.column("createdAt", .double).notNull()
            table.column("updatedAt", .double).notNull()
            table.uniqueKey(["tenantID", "name"])
        }
        try database.create(table: "uploads") { table in
            table.primaryKey("objectPath", .text)
            table.column("deploymentID", .text).notNull().indexed()
                .references("deployments", onDelete: .cascade)
            table.column("size", .integer)
            table.column("createdAt", .double).notNull()
        }
    }

    private static func makeRevisions(in database: Database) throws {
        try database.create(table: "revisions") { table in
            table.autoIncrementedPrimaryKey("sequence")
            table.column("id", .text).notNull().unique()
            table.column("deploymentID", .text).notNull().indexed()
                .references("deployments", onDelete: .cascade)
            table.column("source", .text).notNull()
            table.column("status", .text).notNull().indexed()
            table.column("config", .text).notNull()
            table.column("repositoryPath", .text)
            table.column("installCommand", .text)
            table.column("buildCommand", .text)
            table.column("secrets", .text).notNull()
            table.column("artifactID", .text).notNull()
            table.column("isBuilt", .boolean).notNull()
            table.column("createdAt", .double).notNull()
            table.column("updatedAt", .double).notNull()
        }
        try database.create(table: "agents") { table in
            table.primaryKey("revisionID", .text)
            table.column("deploymentID", .text).notNull()
            table.column("pid", .integer).notNull()
            table.column("startTime", .integer).notNull()
            table.column("port", .integer).notNull()
        }
    }
}

extension Migrations {
    /// Gives every change of what the API returns for a deployment a new version number: a change of its row or of the
    /// configuration of its latest revision.
    ///
    /// Triggers count every write, also by other programs. One counter for all deployments, so that a removed and
    /// recreated id gets a new version.
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

    /// Indexes deployments in the order of lists, so that a page is read without sorting.
    static func sortIndexAsLists(in database: Database) throws {
        try database.execute(
            sql: """
                DROP INDEX deployments_by_age;
                CREATE INDEX deployments_by_age ON deployments (tenantID, createdAt DESC, id);
                """)
    }
}
