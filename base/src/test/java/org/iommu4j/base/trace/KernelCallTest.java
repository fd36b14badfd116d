package org.iommu4j.base.trace;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;

/** Which event stands for a call. */
final class KernelCallTest {
  private static final class Call extends KernelCall {
    private static final Call OFF = new Call();
  }

  @Test
  void theIdleEventStandsForAllCallsWhileNobodyRecordsThem() {
    assertSame(Call.OFF, KernelCall.begun(Call.OFF));
    try (Recording recording = new Recording()) {
      recording.start();
      assertSame(Call.OFF, KernelCall.begun(Call.OFF), "others are recorded");
      recording.enable(Call.class);
      assertNotSame(Call.OFF, KernelCall.begun(Call.OFF));
    }
    assertSame(Call.OFF, KernelCall.begun(Call.OFF));
  }
}
