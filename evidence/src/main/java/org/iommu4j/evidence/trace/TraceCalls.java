package org.iommu4j.evidence.trace;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Puts the events of a trace together to calls: the pieces of a list, and the two events that the
 * kernel writes for some unmappings. Used once.
 *
 * <p>An event is written after what it tells of, so that the events of two CPUs can be in the wrong
 * order. Where an address is mapped that is still mapped, its unmapping on another CPU is looked
 * for right after and put before.
 */
final class TraceCalls {
  private static final int LOOK_AHEAD = 16;

  private final ImmutableList<TraceEvent> events;
  private final List<PartialCall> calls = new ArrayList<>();
  private final Map<ListKey, PartialCall> openLists = new HashMap<>();
  private final Map<Unmapped, TraceEvent> lastUnmaps = new HashMap<>();
  private final Set<Target> live = new HashSet<>();
  private final Set<Integer> taken = new HashSet<>();
  private int movedUnmaps;
  private int impliedUnmaps;

  private record ListKey(int cpu, String device, int total) {}

  private record Target(String device, long pfn) {
    static Target of(TraceEvent event) {
      return new Target(event.device(), event.pfn());
    }
  }

  private record Unmapped(int cpu, Target target) {
    static Unmapped of(TraceEvent event) {
      return new Unmapped(event.cpu(), Target.of(event));
    }
  }

  /** A call whose events are still coming. */
  private static final class PartialCall {
    final TraceCall.Type type;
    final List<TraceEvent> events = new ArrayList<>();

    PartialCall(TraceCall.Type type, TraceEvent first) {
      this.type = type;
      events.add(first);
    }

    boolean isComplete() {
      return type != TraceCall.Type.MAP_LIST
          || (events.get(0).index() == 1 && events.size() == events.get(0).total());
    }

    TraceCall finished() {
      return new TraceCall(
          isComplete() ? type : TraceCall.Type.INCOMPLETE, ImmutableList.copyOf(events));
    }
  }

  TraceCalls(ImmutableList<TraceEvent> events) {
    this.events = events;
    for (int i = 0; i < events.size(); i++) {
      if (!taken.contains(i)) {
        take(i, events.get(i));
      }
    }
  }

  /** Returns the calls in the order of their first events. */
  ImmutableList<TraceCall> calls() {
    return calls.stream().map(PartialCall::finished).collect(ImmutableList.toImmutableList());
  }

  /** Returns how many unmappings were put before the mapping that needs them. */
  int movedUnmaps() {
    return movedUnmaps;
  }

  /** Returns how many unmappings are not in the trace, though the address is mapped again. */
  int impliedUnmaps() {
    return impliedUnmaps;
  }

  private void take(int index, TraceEvent event) {
    switch (event.kind()) {
      case MAP, BOUNCE_MAP -> {
        makeRoom(index, event);
        add(TraceCall.Type.MAP, event);
      }
      case MAP_LIST -> piece(index, event);
      case UNMAP -> unmap(event);
      case UNMAP_LIST, BOUNCE_UNMAP -> {
        TraceEvent inner = lastUnmaps.remove(Unmapped.of(event));
        if (inner != null && inner.sizeBytes() == event.sizeBytes()) {
          add(TraceCall.Type.ECHO, event);
        } else {
          unmap(event);
        }
      }
      case BOUNCE_MAP_LIST -> add(TraceCall.Type.ECHO, event);
      default -> add(TraceCall.Type.DOMAIN, event);
    }
  }

  private void add(TraceCall.Type type, TraceEvent event) {
    calls.add(new PartialCall(type, event));
  }

  private void unmap(TraceEvent event) {
    live.remove(Target.of(event));
    lastUnmaps.put(Unmapped.of(event), event);
    add(TraceCall.Type.UNMAP, event);
  }

  private void piece(int index, TraceEvent event) {
    ListKey key = new ListKey(event.cpu(), event.device(), event.total());
    PartialCall open = openLists.get(key);
    if (event.index() == 1) {
      makeRoom(index, event);
    }
    if (event.index() > 1 && open != null && open.events.size() == event.index() - 1) {
      open.events.add(event);
    } else {
      open = new PartialCall(TraceCall.Type.MAP_LIST, event);
      calls.add(open);
      openLists.put(key, open);
    }
    if (open.isComplete()) {
      openLists.remove(key);
    }
  }

  // The kernel hands out no address that is still mapped.
  private void makeRoom(int index, TraceEvent map) {
    Target target = Target.of(map);
    if (live.add(target)) {
      return;
    }
    int end = Math.min(events.size(), index + 1 + LOOK_AHEAD);
    for (int i = index + 1; i < end; i++) {
      TraceEvent later = events.get(i);
      if (later.kind() == EventKind.UNMAP
          && Target.of(later).equals(target)
          && later.mayPrecede(map)) {
        taken.add(i);
        movedUnmaps++;
        unmap(later);
        live.add(target);
        return;
      }
    }
    impliedUnmaps++;
  }
}
