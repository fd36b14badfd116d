package org.iommu4j.base.trace;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.iommu4j.base.Release;

/**
 * Records the kernel's calls that a thread makes, by the JDK's flight recorder.
 *
 * <p>The first recording of a process takes some hundred milliseconds. Thread-safe.
 */
public final class CallRecorder {
  private CallRecorder() {}

  /**
   * Runs something and returns the calls that it made on this thread, outermost ones in order, by
   * the names of the oldest release.
   *
   * @throws UncheckedIOException if there is no room for a temporary file
   */
  public static List<TracedCall> record(Runnable work) {
    return record(Release.ASSUMED, work);
  }

  /**
   * Runs something and returns the calls that it made on this thread, outermost ones in order.
   *
   * @param release whose names the functions have
   * @throws UncheckedIOException if there is no room for a temporary file
   */
  public static List<TracedCall> record(Release release, Runnable work) {
    try (Recording recording = new Recording()) {
      for (Tracepoints tracepoints : ServiceLoader.load(Tracepoints.class)) {
        tracepoints.calls().forEach(call -> enable(recording, call));
      }
      recording.start();
      work.run();
      recording.stop();
      return new CallTree(release).of(eventsOfThisThread(recording));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void enable(Recording recording, Class<? extends KernelCall> call) {
    FlightRecorder.register(call);
    recording.enable(call).withoutThreshold();
  }

  private static List<RecordedEvent> eventsOfThisThread(Recording recording) throws IOException {
    Path file = Files.createTempFile("iommu4j", ".jfr");
    try {
      recording.dump(file);
      long thread = Thread.currentThread().getId();
      return RecordingFile.readAllEvents(file).stream()
          .filter(CallTree::isKernelCall)
          .filter(event -> event.getThread().getJavaThreadId() == thread)
          .sorted(Comparator.comparing(RecordedEvent::getEndTime))
          .toList();
    } finally {
      Files.delete(file);
    }
  }
}
