package org.iommu4j.evidence.answers;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Sets;
import java.util.Objects;
import java.util.TreeSet;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.BootReport.GroupReport;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.DomainTypes;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;

/**
 * A predicted boot beside what a kernel answered: groups, domain types, reserved regions, DMA ops,
 * trust, and the log. What was not recorded is not compared.
 *
 * <p>Immutable.
 */
public final class Comparison {
  private static final String NONE = "none";

  private final ImmutableList<Difference> differences;
  private final ImmutableList<LogEdit> log;

  private Comparison(ImmutableList<Difference> differences, ImmutableList<LogEdit> log) {
    this.differences = differences;
    this.log = log;
  }

  /** Compares a prediction with the answers of the same machine. */
  public static Comparison of(BootReport predicted, CaptureAnswers recorded) {
    Collector collector = new Collector(predicted.rules().domainTypes());
    if (!recorded.devices().isEmpty()) {
      collector.compareDevices(predicted, recorded);
    }
    // A kernel that made no group leaves no trace of that but its other answers.
    if (!recorded.isEmpty()) {
      collector.compareGroups(predicted, recorded);
    }
    ImmutableList<String> lines = recorded.log(predicted.rules());
    ImmutableList<LogEdit> log =
        lines.isEmpty() ? ImmutableList.of() : LogEdit.align(predicted.log(), lines);
    return new Comparison(collector.differences.build(), log);
  }

  /** Returns whether nothing that was recorded differs. */
  public boolean isExact() {
    return differences.isEmpty() && log.stream().allMatch(e -> e.side() == LogEdit.Side.BOTH);
  }

  /** Returns the values of devices and groups that differ, devices first. */
  public ImmutableList<Difference> differences() {
    return differences;
  }

  /** Returns both logs side by side; empty if none was recorded. */
  public ImmutableList<LogEdit> log() {
    return log;
  }

  /** Returns how many values and lines differ. */
  public int size() {
    long lines = log.stream().filter(edit -> edit.side() != LogEdit.Side.BOTH).count();
    return differences.size() + (int) lines;
  }

  /** Collects the differences of one comparison. */
  private static final class Collector {
    private final DomainTypes types;
    private final ImmutableList.Builder<Difference> differences = ImmutableList.builder();

    Collector(DomainTypes types) {
      this.types = types;
    }

    void compareDevices(BootReport predicted, CaptureAnswers recorded) {
      for (DeviceReport device : predicted.devices()) {
        DeviceAnswer answer = recorded.devices().get(device.address());
        if (answer == null) {
          add(device.address().toString(), "device", "present", "absent");
        } else {
          compareDevice(device, answer);
        }
      }
      for (PciAddress address : recorded.devices().keySet()) {
        if (predicted.device(address).isEmpty()) {
          add(address.toString(), "device", "absent", "present");
        }
      }
    }

    private void compareDevice(DeviceReport device, DeviceAnswer answer) {
      String subject = device.address().toString();
      add(subject, "group", orNone(device.group()), answer.group() < 0 ? NONE : answer.group());
      add(subject, "domain", name(device.domainType()), name(answer.domain()));
      add(subject, "ops", orNone(device.dmaOps()), orNone(answer.ops()));
      add(subject, "untrusted", device.untrusted(), answer.untrusted());
    }

    void compareGroups(BootReport predicted, CaptureAnswers recorded) {
      ImmutableSortedMap.Builder<Integer, GroupReport> builder = ImmutableSortedMap.naturalOrder();
      predicted.groups().forEach(group -> builder.put(group.id(), group));
      ImmutableSortedMap<Integer, GroupReport> groups = builder.buildOrThrow();
      for (Integer id :
          Sets.union(groups.keySet(), recorded.groups().keySet()).stream().sorted().toList()) {
        compareGroup("group " + id, groups.get(id), recorded.groups().get(id));
      }
    }

    private void compareGroup(
        String subject, @Nullable GroupReport group, @Nullable GroupAnswer answer) {
      if (group == null || answer == null) {
        String predicted = group == null ? NONE : group.devices().toString();
        add(subject, "devices", predicted, answer == null ? NONE : answer.devices().toString());
        return;
      }
      add(subject, "devices", new TreeSet<>(group.devices()), answer.devices());
      if (!answer.type().isEmpty()) {
        add(subject, "type", name(group.type()), answer.type());
      }
      add(subject, "reserved", lines(group.reservedRegions()), lines(answer.reservedRegions()));
    }

    private void add(String subject, String what, Object predicted, Object recorded) {
      if (!predicted.toString().equals(recorded.toString())) {
        differences.add(new Difference(subject, what, predicted.toString(), recorded.toString()));
      }
    }

    private static Object orNone(@Nullable Object value) {
      return Objects.requireNonNullElse(value, NONE);
    }

    private String name(@Nullable DomainType type) {
      return type == null ? NONE : types.sysfsName(types.known(type));
    }

    private static String lines(ImmutableList<ReservedRegion> regions) {
      return regions.isEmpty()
          ? NONE
          : String.join(", ", regions.stream().map(ReservedRegion::toSysfsLine).toList());
    }
  }
}
