package org.iommu4j.cli.render;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.iommu4j.cli.render.BootSide.Limits;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.BootReport.GroupReport;
import org.iommu4j.iommu.domain.ReservedRegion;

/** What of a device is compared. */
enum DeviceAspect implements ReportDiff.Aspect<DeviceAspect.Scene> {
  GROUP("group", scene -> Words.group(scene.device().group())),
  DOMAIN("domain", scene -> Words.domain(scene.side().report(), scene.device().domainType())),
  OPS("ops", scene -> Words.ops(scene.device())),
  TRUST("trust", scene -> Words.trust(scene.device().untrusted())),
  RESERVED("reserved", DeviceAspect::regions),
  REACH("needs", scene -> limit(scene, Limits::requiredMask, DeviceAspect::bits)),
  LARGEST("largest", scene -> limit(scene, Limits::maxMappingBytes, DeviceAspect::size)),
  MERGED("merged", scene -> limit(scene, Limits::mergeBoundary, DeviceAspect::boundary));

  /** A device on one boot. */
  record Scene(BootSide side, DeviceReport device) {}

  private final String what;

  @SuppressWarnings("ImmutableEnumChecker") // a function without state
  private final Function<Scene, String> value;

  DeviceAspect(String what, Function<Scene, String> value) {
    this.what = what;
    this.value = value;
  }

  @Override
  public String what() {
    return what;
  }

  @Override
  public String of(Scene scene) {
    return value.apply(scene);
  }

  private static String regions(Scene scene) {
    List<String> words = new ArrayList<>();
    for (GroupReport group : scene.side().report().groups()) {
      if (Objects.equals(group.id(), scene.device().group())) {
        for (ReservedRegion region : group.reservedRegions()) {
          words.add(Words.region(region));
        }
      }
    }
    return words.isEmpty() ? Words.NONE : String.join(", ", words);
  }

  private interface Unit {
    String of(long value);
  }

  private static String limit(Scene scene, ToLongFunction<Limits> which, Unit unit) {
    Limits limits = scene.side().limits().get(scene.device().address());
    return limits == null ? "?" : unit.of(which.applyAsLong(limits));
  }

  private static String bits(long mask) {
    return "addresses of " + (Long.SIZE - Long.numberOfLeadingZeros(mask)) + " bits";
  }

  private static String size(long bytes) {
    return bytes == DmaMapping.NO_LIMIT
        ? "mappings of any size"
        : "mappings of " + Words.size(bytes);
  }

  private static String boundary(long mask) {
    return mask == 0 ? "no list entries" : "list entries at multiples of " + Words.size(mask + 1);
  }
}
