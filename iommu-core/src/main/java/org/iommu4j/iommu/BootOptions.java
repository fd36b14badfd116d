package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import org.iommu4j.base.ManualTimers;
import org.iommu4j.base.Release;
import org.iommu4j.base.Timers;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.history.ReleaseChoice;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.Machine;
import org.jspecify.annotations.Nullable;

/**
 * What a boot takes besides the machine's facts.
 *
 * @param rules what the kernel that is booted does
 * @param vendors whose hardware to look for, in this order
 * @param timers where time comes from
 * @param taken memory that the model's own tables keep out of, because somebody else says what is
 *     there
 * @param buffers where coherent memory comes from, or null for the same allocator as the tables'
 * @param tracepoints is told of groups and domains
 * @param observers see the system at work
 */
public record BootOptions(
    KernelRules rules,
    ImmutableList<IommuVendor> vendors,
    Timers timers,
    ImmutableList<PhysRange> taken,
    @Nullable PageAllocator buffers,
    IommuTracepoints tracepoints,
    Observers observers) {

  /**
   * Returns the usual ones: the usual release, the vendors that {@link java.util.ServiceLoader}
   * finds, and a time that stands still.
   */
  public static BootOptions defaults() {
    return new BootOptions(
        KernelReleases.usual(),
        LinuxSystem.vendors(),
        new ManualTimers(),
        ImmutableList.of(),
        null,
        IommuTracepoints.NONE,
        Observers.NONE);
  }

  /**
   * Returns the usual ones for a machine: with the rules of the release that it ran, or those of
   * the nearest one that is modelled.
   */
  public static BootOptions of(Machine machine) {
    return defaults().withRules(ReleaseChoice.of(machine.kernel()).rules());
  }

  /** Returns the release that is booted. */
  public Release release() {
    return rules.release();
  }

  /**
   * Returns these options with the rules of another release.
   *
   * @throws IllegalArgumentException if they are not known
   */
  public BootOptions withRelease(Release release) {
    return withRules(KernelReleases.rules(release));
  }

  /** Returns these options with other rules. */
  public BootOptions withRules(KernelRules others) {
    return new BootOptions(others, vendors, timers, taken, buffers, tracepoints, observers);
  }

  /** Returns these options with other vendors. */
  public BootOptions withVendors(Iterable<IommuVendor> others) {
    ImmutableList<IommuVendor> copy = ImmutableList.copyOf(others);
    return new BootOptions(rules, copy, timers, taken, buffers, tracepoints, observers);
  }

  /** Returns these options with another source of time. */
  public BootOptions withTimers(Timers others) {
    return new BootOptions(rules, vendors, others, taken, buffers, tracepoints, observers);
  }

  /** Returns these options with buffers at places that somebody else says. */
  public BootOptions withBuffers(Iterable<PhysRange> ranges, PageAllocator allocator) {
    ImmutableList<PhysRange> copy = ImmutableList.copyOf(ranges);
    return new BootOptions(rules, vendors, timers, copy, allocator, tracepoints, observers);
  }

  /** Returns these options with somebody who is told of groups and domains. */
  public BootOptions withTracepoints(IommuTracepoints listener) {
    return new BootOptions(rules, vendors, timers, taken, buffers, listener, observers);
  }

  /** Returns these options with others who see the system at work. */
  public BootOptions withObservers(Observers others) {
    return new BootOptions(rules, vendors, timers, taken, buffers, tracepoints, others);
  }
}
