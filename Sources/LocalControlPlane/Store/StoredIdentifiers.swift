import ControlPlaneTypes
import GRDB

extension DeploymentID: DatabaseValueConvertible {}
extension RevisionID: DatabaseValueConvertible {}
extension RevisionStatus: DatabaseValueConvertible {}
extension DeploymentStatus: DatabaseValueConvertible {}
extension DeploymentSource: DatabaseValueConvertible {}
