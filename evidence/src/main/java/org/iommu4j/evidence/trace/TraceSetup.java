package org.iommu4j.evidence.trace;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;
import org.iommu4j.base.Pages;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.machine.Machine;

/**
 * What all runs of one replay share. Immutable.
 *
 * @param machine the machine, with as many CPUs as the trace shows if it does not know
 * @param calls the trace's calls
 * @param window when flush timers can expire
 * @param timers what the trace tells of flush timers
 * @param masks the devices' DMA masks
 * @param taken memory that the model writes to in the driver's place
 */
record TraceSetup(
    Machine machine,
    ImmutableList<TraceCall> calls,
    FlushWindow window,
    TimerEvents timers,
    DeviceMasks masks,
    ImmutableList<PhysRange> taken) {

  static TraceSetup of(
      Machine machine, Trace trace, ImmutableList<TraceCall> calls, DeviceMasks masks) {
    return new TraceSetup(
        machine, calls, FlushWindow.of(machine.config()), trace.timers(), masks, taken(calls));
  }

  // Only devices that bounce have their buffers written: the copies, and what is shared with them.
  private static ImmutableList<PhysRange> taken(ImmutableList<TraceCall> calls) {
    boolean bounces = calls.stream().anyMatch(call -> call.first().kind() == EventKind.BOUNCE_MAP);
    RangeSet<Long> taken = TreeRangeSet.create();
    for (TraceCall call : calls) {
      TraceEvent event = call.first();
      if (bounces && call.type() == TraceCall.Type.MAP) {
        long start = Pages.alignDown(event.phys());
        long end = Pages.alignUp(event.phys() + event.sizeBytes());
        taken.add(Range.closedOpen(start, end));
      }
    }
    return taken.asRanges().stream()
        .map(range -> new PhysRange(range.lowerEndpoint(), range.upperEndpoint()))
        .collect(ImmutableList.toImmutableList());
  }
}
