package org.iommu4j.vtd.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.vtd.dmar.DeviceScope;
import org.iommu4j.vtd.dmar.DmarEntry;
import org.iommu4j.vtd.dmar.DmarHeader;
import org.iommu4j.vtd.dmar.DmarProblem;
import org.iommu4j.vtd.dmar.DmarStructure;
import org.iommu4j.vtd.dmar.DmarTable;
import org.iommu4j.vtd.policy.ScopeNames;

/**
 * A DMAR table as maps, lists, strings, integers and booleans, for a JSON writer. Addresses are
 * strings in hex, since JSON's numbers do not hold 64 bits everywhere.
 */
public final class DmarTree {
  private DmarTree() {}

  /**
   * Returns the table as a tree.
   *
   * @param table the table
   * @param pci the buses on which to look scopes up, if they are known
   * @param findings what is wrong with it, as {@link TopologyChecks#check} finds it
   */
  public static ImmutableMap<String, Object> of(
      DmarTable table, Optional<PciTopology> pci, List<DmarProblem> findings) {
    ImmutableMap.Builder<String, Object> tree = ImmutableMap.builder();
    tree.put("origin", table.origin()).put("bytes", table.sizeBytes());
    tree.put("header", header(table.header()));
    tree.put(
        "structures",
        table.entries().stream()
            .map(entry -> entry(entry, pci))
            .collect(ImmutableList.toImmutableList()));
    tree.put(
        "findings",
        findings.stream().map(DmarTree::finding).collect(ImmutableList.toImmutableList()));
    return tree.buildOrThrow();
  }

  private static ImmutableMap<String, Object> header(DmarHeader header) {
    return ImmutableMap.<String, Object>builder()
        .put("length", header.lengthBytes())
        .put("revision", header.revision())
        .put("checksum", header.checksum())
        .put("checksumGood", header.checksumGood())
        .put("oemId", header.oemId().escaped())
        .put("oemTableId", header.oemTableId().escaped())
        .put("oemRevision", Integer.toUnsignedLong(header.oemRevision()))
        .put("creatorId", header.creatorId().escaped())
        .put("creatorRevision", Integer.toUnsignedLong(header.creatorRevision()))
        .put("hostAddressWidth", header.hostAddressWidth())
        .put("interruptRemapping", header.interruptRemapping())
        .put("x2apicOptOut", header.x2apicOptOut())
        .put("platformOptIn", header.platformOptIn())
        .buildOrThrow();
  }

  private static ImmutableMap<String, Object> entry(DmarEntry entry, Optional<PciTopology> pci) {
    DmarStructure structure = entry.structure();
    ImmutableMap.Builder<String, Object> tree = ImmutableMap.builder();
    tree.put("offset", entry.offset()).put("length", entry.length());
    tree.put("type", structure.type()).put("name", structure.title());
    fields(structure, tree);
    if (structure instanceof DmarStructure.Drhd
        || structure instanceof DmarStructure.Rmrr
        || structure instanceof DmarStructure.Atsr) {
      int segment = TopologyChecks.segment(structure);
      tree.put("segment", segment);
      tree.put(
          "scopes",
          structure.scopes().stream()
              .map(scope -> scope(scope, segment, pci))
              .collect(ImmutableList.toImmutableList()));
    }
    return tree.buildOrThrow();
  }

  private static void fields(DmarStructure structure, ImmutableMap.Builder<String, Object> tree) {
    if (structure instanceof DmarStructure.Drhd drhd) {
      tree.put("base", hex(drhd.registerBasePhys())).put("flags", drhd.flags());
      tree.put("includeAll", drhd.includesAll());
    } else if (structure instanceof DmarStructure.Rmrr rmrr) {
      tree.put("first", hex(rmrr.firstPhys())).put("last", hex(rmrr.lastPhys()));
    } else if (structure instanceof DmarStructure.Atsr atsr) {
      tree.put("flags", atsr.flags()).put("allPorts", atsr.allPorts());
    } else if (structure instanceof DmarStructure.Rhsa rhsa) {
      tree.put("base", hex(rhsa.registerBasePhys()));
      tree.put("proximityDomain", Integer.toUnsignedLong(rhsa.proximityDomain()));
    } else if (structure instanceof DmarStructure.Andd andd) {
      tree.put("deviceNumber", andd.deviceNumber()).put("acpiName", andd.name());
    } else if (structure instanceof DmarStructure.Unknown unknown) {
      tree.put("note", unknown.note()).put("body", unknown.body().toHex());
    }
  }

  private static ImmutableMap<String, Object> scope(
      DeviceScope scope, int segment, Optional<PciTopology> pci) {
    ImmutableMap.Builder<String, Object> tree = ImmutableMap.builder();
    tree.put("type", scope.type()).put("typeName", scope.typeTitle());
    tree.put("flags", scope.flags()).put("enumerationId", scope.enumerationId());
    tree.put("startBus", scope.startBus()).put("path", scope.pathText());
    if (pci.isPresent() && TopologyChecks.isPci(scope)) {
      ScopeNames.named(scope, segment, pci.get())
          .ifPresent(named -> tree.put("device", named.device().toString()));
    }
    return tree.buildOrThrow();
  }

  private static ImmutableMap<String, Object> finding(DmarProblem problem) {
    return ImmutableMap.of(
        "offset", problem.offset(),
        "severity", problem.severity().name().toLowerCase(Locale.ROOT),
        "rule", problem.rule(),
        "detail", problem.detail(),
        "kernel", problem.kernelVerdict());
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }
}
