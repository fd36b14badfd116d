package org.iommu4j.base.trace;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;

/** Which event stands for a call. */
final class KernelCallTest {
  private static final class Call extends KernelCall {
    private static final Call OFF = new Call();

    static Call begun() {
      return begun(OFF, Call::new);
    }
  }

  @Test
  void theIdleEventStandsForAllCallsWhileNobodyRecordsThem() {
    assertSame(Call.OFF, Call.begun());
    try (Recording recording = new Recording()) {
      recording.start();
      assertSame(Call.OFF, Call.begun(), "others are recorded");
      recording.enable(Call.class);
      assertNotSame(Call.OFF, Call.begun());
    }
    assertSame(Call.OFF, Call.begun());
  }
}
