package org.iommu4j.vfio.kit;

import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.testkit.PhaseCall;
import org.iommu4j.testkit.PhaseCalls;
import org.iommu4j.testkit.VendorFixture;
import org.jspecify.annotations.Nullable;

/** A vendor like another, but for some of the calls of its driver. */
abstract class LikeFixture implements VendorFixture {
  private final VendorFixture like;

  LikeFixture(VendorFixture like) {
    this.like = like;
  }

  /** Answers a call of the driver in the other's place. */
  abstract @Nullable Object answer(PhaseCall call) throws Throwable;

  @Override
  public final IommuVendor vendor() {
    PhaseCalls calls = call -> call.phase() instanceof IommuDriver ? answer(call) : call.make();
    return calls.of(like.vendor());
  }

  @Override
  public final void mark(MachineBuilder machine) {
    like.mark(machine);
  }

  @Override
  public final String commandLine() {
    return like.commandLine();
  }

  @Override
  public final int pageTableLevels() {
    return like.pageTableLevels();
  }

  @Override
  public final boolean mapsLargePages() {
    return like.mapsLargePages();
  }
}
