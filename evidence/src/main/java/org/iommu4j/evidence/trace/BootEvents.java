package org.iommu4j.evidence.trace;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.iommu4j.iommu.IommuTracepoints;
import org.iommu4j.machine.pci.PciAddress;

/**
 * The events of the model's own boot, and how far a trace has come in them. Not thread-safe.
 *
 * <p>Where a trace has other events, the search goes on after the next one that both have.
 */
final class BootEvents implements IommuTracepoints {
  private static final int LOOK_AHEAD = 1 << 16;

  private final List<String> expected = new ArrayList<>();
  private final Map<String, Integer> groups = new HashMap<>();
  private final List<String> missing = new ArrayList<>();
  private int next;

  @Override
  public void addDeviceToGroup(PciAddress device, int group) {
    expected.add("add_device_to_group: IOMMU: groupID=" + group + " device=" + device);
    groups.put(device.toString(), group);
  }

  @Override
  public void attachDeviceToDomain(PciAddress device) {
    expected.add("attach_device_to_domain: IOMMU: device=" + device);
  }

  @Override
  public void map(long iova, long phys, long sizeBytes) {
    expected.add(
        String.format("map: IOMMU: iova=0x%016x paddr=0x%016x size=%d", iova, phys, sizeBytes));
  }

  /** Returns whether the boot has no more events. */
  boolean isOver() {
    return next == expected.size();
  }

  /** Returns whether the trace has had any of the boot's events. */
  boolean isBegun() {
    return next > 0;
  }

  /** Compares the trace's next event with the boot's next one. */
  Verdict compare(TraceEvent event) {
    String model = expected.get(next);
    if (model.equals(event.text())) {
      next++;
      return Verdict.exact(event);
    }
    int end = Math.min(expected.size(), next + LOOK_AHEAD);
    int found = expected.subList(next, end).indexOf(event.text());
    if (found < 0) {
      next += isOfOneName(model, event.text()) ? 1 : 0;
      return Verdict.different(event, model);
    }
    missing.addAll(expected.subList(next, next + found));
    next += found + 1;
    return Verdict.exact(event);
  }

  private static boolean isOfOneName(String one, String other) {
    return one.substring(0, one.indexOf(':')).equals(other.substring(0, other.indexOf(':')));
  }

  /** Ends the boot; what is left is missing from the trace if that saw the beginning. */
  void end() {
    if (isBegun()) {
      missing.addAll(expected.subList(next, expected.size()));
    }
    next = expected.size();
  }

  /** Returns the events that the boot has and the trace has not. */
  ImmutableList<String> missing() {
    return ImmutableList.copyOf(missing);
  }
}
