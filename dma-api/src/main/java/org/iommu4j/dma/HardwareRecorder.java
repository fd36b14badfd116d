package org.iommu4j.dma;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * Tells the flight recorder what hardware does. Its events are no calls of the kernel's functions:
 * they have no duration, and no recording of such calls asks for them.
 *
 * <p>All are off unless a recording asks for them by name. While none does, an idle event of each
 * type is asked whether it is enabled, and nothing is allocated.
 *
 * @param registersPhys where the unit's registers are, 0 for no unit
 */
@SuppressWarnings("UnusedVariable") // the flight recorder reads the events' fields
record HardwareRecorder(long registersPhys) implements HardwareObserver {
  static final HardwareRecorder WITHOUT_UNIT = new HardwareRecorder(0);

  @Override
  public HardwareObserver unit(long ofRegistersPhys) {
    return new HardwareRecorder(ofRegistersPhys);
  }

  @Override
  public void requestersInvalidated(Scope scope, int domain, int requester) {
    if (RequesterInvalidation.OFF.isEnabled()) {
      RequesterInvalidation event = new RequesterInvalidation();
      event.scope = scope.name();
      event.domain = domain;
      event.requester = requester;
      event.commitFor(this);
    }
  }

  @Override
  public void translationsInvalidated(Scope scope, int domain, long iova, long sizeBytes) {
    if (TranslationInvalidation.OFF.isEnabled()) {
      TranslationInvalidation event = new TranslationInvalidation();
      event.scope = scope.name();
      event.domain = domain;
      event.iova = iova;
      event.size = sizeBytes;
      event.commitFor(this);
    }
  }

  @Override
  public void deviceTlbInvalidated(int requester, long iova, long sizeBytes, boolean answered) {
    if (DeviceTlbInvalidation.OFF.isEnabled()) {
      DeviceTlbInvalidation event = new DeviceTlbInvalidation();
      event.requester = requester;
      event.iova = iova;
      event.size = sizeBytes;
      event.answered = answered;
      event.commitFor(this);
    }
  }

  @Override
  public void invalidationsDone() {
    if (InvalidationsDone.OFF.isEnabled()) {
      new InvalidationsDone().commitFor(this);
    }
  }

  @Override
  public void requesterLookedUp(int requester, boolean found) {
    if (RequesterLookup.OFF.isEnabled()) {
      RequesterLookup event = new RequesterLookup();
      event.requester = requester;
      event.found = found;
      event.commitFor(this);
    }
  }

  @Override
  public void walked(int requester, long iova, int entries, long phys) {
    if (TableWalk.OFF.isEnabled()) {
      TableWalk event = new TableWalk();
      event.requester = requester;
      event.iova = iova;
      event.entries = entries;
      event.phys = phys;
      event.commitFor(this);
    }
  }

  @Override
  public void faulted(int requester, long iova, boolean write, String reason, boolean recorded) {
    if (Fault.OFF.isEnabled()) {
      Fault event = new Fault();
      event.requester = requester;
      event.iova = iova;
      event.write = write;
      event.reason = reason;
      event.recorded = recorded;
      event.commitFor(this);
    }
  }

  @Override
  public void accessed(int requester, long iova, int sizeBytes, boolean write, long phys) {
    if (Access.OFF.isEnabled()) {
      Access event = new Access();
      event.requester = requester;
      event.iova = iova;
      event.size = sizeBytes;
      event.write = write;
      event.phys = phys;
      event.commitFor(this);
    }
  }

  @Category({"iommu4j", "hardware"})
  @Enabled(false)
  @StackTrace(false)
  private abstract static class HardwareEvent extends Event {
    @Label("Registers of the unit")
    @MemoryAddress
    long unit;

    final void commitFor(HardwareRecorder recorder) {
      unit = recorder.registersPhys;
      commit();
    }
  }

  @Name("org.iommu4j.hardware.RequesterInvalidation")
  @Label("Requesters invalidated")
  private static final class RequesterInvalidation extends HardwareEvent {
    private static final RequesterInvalidation OFF = new RequesterInvalidation();

    private @Nullable String scope;
    private int domain;
    private int requester;
  }

  @Name("org.iommu4j.hardware.TranslationInvalidation")
  @Label("Translations invalidated")
  private static final class TranslationInvalidation extends HardwareEvent {
    private static final TranslationInvalidation OFF = new TranslationInvalidation();

    private @Nullable String scope;
    private int domain;
    @MemoryAddress private long iova;
    @DataAmount private long size;
  }

  @Name("org.iommu4j.hardware.DeviceTlbInvalidation")
  @Label("Device's translations invalidated")
  private static final class DeviceTlbInvalidation extends HardwareEvent {
    private static final DeviceTlbInvalidation OFF = new DeviceTlbInvalidation();

    private int requester;
    @MemoryAddress private long iova;
    @DataAmount private long size;
    private boolean answered;
  }

  @Name("org.iommu4j.hardware.InvalidationsDone")
  @Label("Invalidations done")
  private static final class InvalidationsDone extends HardwareEvent {
    private static final InvalidationsDone OFF = new InvalidationsDone();
  }

  @Name("org.iommu4j.hardware.RequesterLookup")
  @Label("Requester looked up")
  private static final class RequesterLookup extends HardwareEvent {
    private static final RequesterLookup OFF = new RequesterLookup();

    private int requester;
    private boolean found;
  }

  @Name("org.iommu4j.hardware.TableWalk")
  @Label("Page tables walked")
  private static final class TableWalk extends HardwareEvent {
    private static final TableWalk OFF = new TableWalk();

    private int requester;
    @MemoryAddress private long iova;
    private int entries;
    @MemoryAddress private long phys;
  }

  @Name("org.iommu4j.hardware.Fault")
  @Label("Request refused")
  private static final class Fault extends HardwareEvent {
    private static final Fault OFF = new Fault();

    private int requester;
    @MemoryAddress private long iova;
    private boolean write;
    private @Nullable String reason;
    private boolean recorded;
  }

  @Name("org.iommu4j.hardware.Access")
  @Label("Memory accessed")
  private static final class Access extends HardwareEvent {
    private static final Access OFF = new Access();

    private int requester;
    @MemoryAddress private long iova;
    @DataAmount private int size;
    private boolean write;
    @MemoryAddress private long phys;
  }
}
