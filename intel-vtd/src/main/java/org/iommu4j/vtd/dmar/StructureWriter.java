package org.iommu4j.vtd.dmar;

import static com.google.common.base.Preconditions.checkArgument;

import org.iommu4j.vtd.dmar.DmarStructure.Andd;
import org.iommu4j.vtd.dmar.DmarStructure.Atsr;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.dmar.DmarStructure.Rhsa;
import org.iommu4j.vtd.dmar.DmarStructure.Rmrr;
import org.iommu4j.vtd.dmar.DmarStructure.Unknown;

/** Writes structures as they lie in a table. */
final class StructureWriter {
  private StructureWriter() {}

  static byte[] write(DmarStructure structure) {
    ByteWriter body = new ByteWriter();
    fields(structure, body);
    structure.scopes().forEach(scope -> scope(scope, body));
    int length = DmarStructure.HEADER_BYTES + body.size();
    checkArgument(
        length <= 0xffff, "%s of %s bytes: the length is 16 bits", structure.title(), length);
    return new ByteWriter()
        .word(structure.type())
        .word(length)
        .octets(Octets.of(body.toByteArray()))
        .toByteArray();
  }

  // One instanceof a kind: pattern matching in switch is not yet in Java 17.
  private static void fields(DmarStructure structure, ByteWriter out) {
    if (structure instanceof Drhd drhd) {
      out.octet(drhd.flags()).octet(drhd.size()).word(drhd.segment());
      out.qword(drhd.registerBasePhys());
    } else if (structure instanceof Rmrr rmrr) {
      out.word(rmrr.reserved()).word(rmrr.segment()).qword(rmrr.firstPhys());
      out.qword(rmrr.lastPhys());
    } else if (structure instanceof Atsr atsr) {
      out.octet(atsr.flags()).octet(atsr.reserved()).word(atsr.segment());
    } else if (structure instanceof Rhsa rhsa) {
      out.dword(rhsa.reserved()).qword(rhsa.registerBasePhys()).dword(rhsa.proximityDomain());
    } else if (structure instanceof Andd andd) {
      out.word(andd.reserved()).octet(andd.reserved() >>> 16).octet(andd.deviceNumber());
      out.octets(andd.nameField());
    } else if (structure instanceof Unknown unknown) {
      out.octets(unknown.body());
    }
  }

  private static void scope(DeviceScope scope, ByteWriter out) {
    out.octet(scope.type()).octet(scope.sizeBytes()).octet(scope.flags()).octet(scope.reserved());
    out.octet(scope.enumerationId()).octet(scope.startBus());
    scope.path().forEach(hop -> out.octet(hop.device()).octet(hop.function()));
  }
}
