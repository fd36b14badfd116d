/** What the commands print: pure functions from a report to text. */
@NullMarked
package org.iommu4j.cli.render;

import org.jspecify.annotations.NullMarked;
